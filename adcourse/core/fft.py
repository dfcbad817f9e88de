"""np.fft. A discrete Fourier transform is linear; its transpose is the transform in the other direction.

Three rules on real arrays, which hold a complex number as a last axis of length 2 (real and imaginary part), and the
functions of np.fft made of them. Complex values in between are pairs of traced arrays: see complex.py.
They join the table when a program first calls a function of np.fft on a traced value.
"""

import numpy as np

from .complex import STRUCTURAL, Complex, refused
from .derived import DERIVED
from .kinds import dtype_of, out_argument, shape_of
from .levels import apply, plain
from .rules import linear

_OTHER = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def _pair(z):
    return np.stack([np.real(z), np.imag(z)], axis=-1)


def _unpair(x):
    return x[..., 0] + 1j * x[..., 1]


def _weights(g, n):
    """How often each of the n // 2 + 1 frequencies of a real signal stands in its spectrum: once or twice."""
    k = np.arange(n // 2 + 1, like=plain(g))
    return (2 - ((k == 0) | (2 * k == n))).astype(dtype_of(g))


def _dft_t(g, k, operands, *, inverse, norm):
    return apply(DFT, (g,), {"inverse": not inverse, "norm": _OTHER[norm]})


def _rfft_t(g, k, operands, *, norm):
    n = shape_of(operands[0])[-1]
    return apply(IRFFT, (g / _weights(g, n)[:, None],), {"n": n, "norm": _OTHER[norm]})


def _irfft_t(g, k, operands, *, n, norm):
    return apply(RFFT, (g,), {"norm": _OTHER[norm]}) * _weights(g, n)[:, None]


DFT = linear(
    np.fft.fft,
    _dft_t,
    compute=lambda x, *, inverse, norm: _pair((np.fft.ifft if inverse else np.fft.fft)(_unpair(x), norm=norm)),
)
RFFT = linear(np.fft.rfft, _rfft_t, compute=lambda x, *, norm: _pair(np.fft.rfft(x, norm=norm)))
IRFFT = linear(np.fft.irfft, _irfft_t, compute=lambda x, *, n, norm: np.fft.irfft(_unpair(x), n, norm=norm))


def _of_length(a, n, axis):
    """``a`` with its axis last, cut or filled with zeros to length ``n``."""
    a = np.moveaxis(a, axis, -1)
    more = 0 if n is None else n - a.shape[-1]
    if more > 0:
        a = np.concatenate([a, np.zeros_like(plain(np.real(a)), shape=(*a.shape[:-1], more))], axis=-1)
    return a[..., :n] if more < 0 else a


def _back(x, axis):
    return np.moveaxis(Complex(x[..., 0], x[..., 1]), -1, axis)


def _no_out(out):
    if out is not None:
        raise out_argument(np.fft.fft)


def _fft(inverse):
    def fft(a, n=None, axis=-1, norm=None, out=None):
        _no_out(out)
        return _back(apply(DFT, (_pair(_of_length(a, n, axis)),), {"inverse": inverse, "norm": norm}), axis)

    return fft


def _rfft(a, n=None, axis=-1, norm=None, out=None):
    _no_out(out)
    if isinstance(a, Complex):
        raise refused("np.fft.rfft")
    return _back(apply(RFFT, (_of_length(a, n, axis),), {"norm": norm}), axis)


def _irfft(a, n=None, axis=-1, norm=None, out=None):
    _no_out(out)
    n = 2 * (a.shape[axis] - 1) if n is None else n
    return np.moveaxis(apply(IRFFT, (_pair(_of_length(a, n // 2 + 1, axis)),), {"n": n, "norm": norm}), -1, axis)


def _along(one, rest, last_first, default):
    """A transform along several axes: ``one`` along the last, ``rest`` along the others."""

    def transform(a, s=None, axes=default, norm=None, out=None):
        _no_out(out)
        axes = range(-(a.ndim if s is None else len(s)), 0) if axes is None else axes
        steps = list(zip([None] * len(axes) if s is None else s, axes, [rest] * (len(axes) - 1) + [one], strict=True))
        for n, axis, function in steps[::-1] if last_first else steps:
            a = function(a, n, axis, norm)
        return a

    return transform


def _shifted(sign):
    def shift(x, axes=None):
        axes = range(x.ndim) if axes is None else axes if isinstance(axes, (tuple, list)) else (axes,)
        for axis in axes:
            x, k = np.moveaxis(x, axis, 0), sign * (x.shape[axis] // 2) % max(x.shape[axis], 1)
            x = np.moveaxis(np.concatenate([x[len(x) - k :], x[: len(x) - k]]), 0, axis)
        return x

    return shift


_FFT, _IFFT = _fft(False), _fft(True)
FUNCTIONS = {
    np.fft.fft: _FFT, np.fft.ifft: _IFFT, np.fft.rfft: _rfft, np.fft.irfft: _irfft,
    np.fft.hfft: lambda a, n=None, axis=-1, norm=None, out=None: _irfft(np.conj(a), n, axis, _OTHER[norm], out),
    np.fft.ihfft: lambda a, n=None, axis=-1, norm=None, out=None: _rfft(a, n, axis, _OTHER[norm], out).conj(),
    np.fft.fftshift: _shifted(1), np.fft.ifftshift: _shifted(-1),
}  # fmt: skip
for _axes, _suffix in ((None, "n"), ((-2, -1), "2")):
    FUNCTIONS |= {
        getattr(np.fft, "fft" + _suffix): _along(_FFT, _FFT, True, _axes),
        getattr(np.fft, "ifft" + _suffix): _along(_IFFT, _IFFT, True, _axes),
        getattr(np.fft, "rfft" + _suffix): _along(_rfft, _FFT, True, _axes),
        getattr(np.fft, "irfft" + _suffix): _along(_irfft, _IFFT, False, _axes),
    }
DERIVED |= FUNCTIONS
STRUCTURAL |= set(FUNCTIONS)
