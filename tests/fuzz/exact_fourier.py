"""The discrete Fourier transforms by their definition, on arrays of mpmath numbers."""

import mpmath
import numpy as np


def _dft(x, n, axis, norm, sign):
    """sum_j x_j exp(sign 2 pi i j k / n), scaled, along an axis cut or filled with zeros to length n."""
    x = np.moveaxis(np.asarray(x, dtype=object), axis, -1)
    n = x.shape[-1] if n is None else n
    x = x[..., :n]
    roots = [mpmath.expjpi(mpmath.mpf(sign * 2 * k) / n) for k in range(n)]
    matrix = np.array([[roots[j * k % n] for k in range(n)] for j in range(x.shape[-1])], dtype=object)
    scaled = {(1, "backward"): 1, (1, "forward"): 0, (-1, "backward"): 0, (-1, "forward"): 1}.get((sign, norm))
    factor = 1 / mpmath.sqrt(n) if norm == "ortho" else mpmath.mpf(1) / n if scaled else mpmath.mpf(1)
    return np.moveaxis(np.matmul(x, matrix) * factor, -1, axis)


def fft(a, n=None, axis=-1, norm=None):
    return _dft(a, n, axis, norm or "backward", -1)


def ifft(a, n=None, axis=-1, norm=None):
    return _dft(a, n, axis, norm or "backward", 1)


def rfft(a, n=None, axis=-1, norm=None):
    full = np.moveaxis(fft(a, n, axis, norm), axis, -1)
    return np.moveaxis(full[..., : full.shape[-1] // 2 + 1], -1, axis)


def _hermitian(a, n, axis):
    """The whole spectrum of a real signal from its first half; what must be real there counts as real."""
    a = np.moveaxis(np.asarray(a, dtype=object), axis, -1)
    n = 2 * (a.shape[-1] - 1) if n is None else n
    half = np.zeros((*a.shape[:-1], n // 2 + 1), dtype=object)
    m = min(a.shape[-1], n // 2 + 1)
    half[..., :m] = a[..., :m]
    whole = np.zeros((*a.shape[:-1], n), dtype=object)
    for k in range(n):
        value = half[..., k] if k <= n // 2 else np.frompyfunc(mpmath.conj, 1, 1)(half[..., n - k])
        whole[..., k] = np.frompyfunc(mpmath.re, 1, 1)(value) if k in (0, n / 2) else value
    return np.moveaxis(whole, -1, axis), n


def irfft(a, n=None, axis=-1, norm=None):
    whole, n = _hermitian(a, n, axis)
    return np.frompyfunc(mpmath.re, 1, 1)(ifft(whole, n, axis, norm))


_OTHER = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def hfft(a, n=None, axis=-1, norm=None):
    return irfft(np.frompyfunc(mpmath.conj, 1, 1)(a), n, axis, _OTHER[norm])


def ihfft(a, n=None, axis=-1, norm=None):
    return np.frompyfunc(mpmath.conj, 1, 1)(rfft(a, n, axis, _OTHER[norm]))


def _along(a, s, axes, default):
    axes = default if axes is None and s is None else axes
    axes = tuple(range(-len(s), 0)) if axes is None else axes
    axes = range(np.ndim(a)) if axes is all else axes
    return tuple(zip(axes, [None] * len(axes) if s is None else s, strict=True))


def _several(one, last=None, default=all):
    """One-dimensional transforms along several axes; ``last`` along the last of them, first if it is rfft."""

    def f(a, s=None, axes=None, norm=None):
        *others, (axis, n) = _along(a, s, axes, default)
        if last is rfft:
            a = rfft(a, n, axis, norm)
        for other, m in reversed(others):
            a = one(a, m, other, norm)
        return a if last is rfft else (last or one)(a, n, axis, norm)

    return f


TRANSFORMS = {
    "fft": fft, "ifft": ifft, "rfft": rfft, "irfft": irfft, "hfft": hfft, "ihfft": ihfft,
    "fftn": _several(fft), "ifftn": _several(ifft), "rfftn": _several(fft, rfft), "irfftn": _several(ifft, irfft),
    "fft2": _several(fft, default=(-2, -1)), "ifft2": _several(ifft, default=(-2, -1)),
    "rfft2": _several(fft, rfft, (-2, -1)), "irfft2": _several(ifft, irfft, (-2, -1)),
}  # fmt: skip
