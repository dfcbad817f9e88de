"""np.fft, as one rule: the discrete Fourier transform is linear, its transpose is the transform in the other direction.

The rule is one of real arrays, which hold a complex number as a last axis of length 2; all functions of np.fft are
made of it, with complex values as pairs (complex.py). They join the table when a program first calls one.
"""

import numpy as np

from ..core.kinds import out_argument
from ..core.levels import Traced, apply, plain
from ..core.rules import linear
from .complex import STRUCTURAL, Complex, refused
from .derived import DERIVED

_OTHER = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def _pair(z):
    return np.stack([np.real(z), np.imag(z)], axis=-1)


def _dft(x, *, inverse, norm):
    if isinstance(x, Traced):  # this is no NumPy function, so NumPy's protocols don't see traced operands
        return apply(DFT, (x,), {"inverse": inverse, "norm": norm})
    return _pair((np.fft.ifft if inverse else np.fft.fft)(x[..., 0] + 1j * x[..., 1], norm=norm))


def _transpose(g, k, operands, *, inverse, norm):
    return apply(DFT, (g,), {"inverse": not inverse, "norm": _OTHER[norm]})


DFT = linear(np.fft.fft, _transpose, compute=_dft)


def _fit(a, n):
    """``a`` cut, or filled with zeros, to length ``n`` along its last axis."""
    more = n - a.shape[-1]
    if more > 0:
        a = np.concatenate([a, np.zeros_like(plain(np.real(a)), shape=(*a.shape[:-1], more))], axis=-1)
    return a[..., :n]


def _along_axis(transform):
    """NumPy's arguments, for a transform along the last axis: ``transform(a, n, norm)``."""

    def function(a, n=None, axis=-1, norm=None, out=None):
        if out is not None:
            raise out_argument(np.fft.fft)
        return np.moveaxis(transform(np.moveaxis(a, axis, -1), n, norm), -1, axis)

    return function


def _fft(a, n, norm, inverse=False):
    x = apply(DFT, (_pair(_fit(a, a.shape[-1] if n is None else n)),), {"inverse": inverse, "norm": norm})
    return Complex(x[..., 0], x[..., 1])


def _rfft(a, n, norm):
    if isinstance(a, Complex):
        raise refused("np.fft.rfft")
    z = _fft(a, n, norm)
    return z[..., : z.shape[-1] // 2 + 1]


def _irfft(a, n, norm):  # the other half of a real signal's spectrum is the conjugate of this one, backwards
    n = 2 * (a.shape[-1] - 1) if n is None else n
    half = _fit(a, n // 2 + 1)
    return _fft(np.concatenate([half, np.conj(half[..., 1 : (n + 1) // 2][..., ::-1])], axis=-1), n, norm, True).real


def _several(one, rest, last_first, axes):
    """A transform along several axes: ``one`` along the last, ``rest`` along the others."""

    def transform(a, s=None, axes=axes, norm=None, out=None):
        axes = range(-(a.ndim if s is None else len(s)), 0) if axes is None else axes
        steps = list(zip([None] * len(axes) if s is None else s, axes, [rest] * (len(axes) - 1) + [one], strict=True))
        for n, axis, function in steps[::-1] if last_first else steps:
            a = function(a, n, axis, norm, out)
        return a

    return transform


def _shift(sign):
    def shift(x, axes=None):
        for axis in range(x.ndim) if axes is None else np.atleast_1d(axes).tolist():
            x = np.moveaxis(x, axis, -1)
            k = sign * (x.shape[-1] // 2) % max(x.shape[-1], 1)
            x = np.moveaxis(np.concatenate([x[..., -k:], x[..., :-k]], axis=-1) if k else x, -1, axis)
        return x

    return shift


_F, _I = _along_axis(_fft), _along_axis(lambda a, n, norm: _fft(a, n, norm, True))
_R, _IR = _along_axis(_rfft), _along_axis(_irfft)
FUNCTIONS = {
    np.fft.fft: _F, np.fft.ifft: _I, np.fft.rfft: _R, np.fft.irfft: _IR,
    np.fft.hfft: _along_axis(lambda a, n, norm: _irfft(np.conj(a), n, _OTHER[norm])),
    np.fft.ihfft: _along_axis(lambda a, n, norm: _rfft(a, n, _OTHER[norm]).conj()),
    np.fft.fftshift: _shift(1), np.fft.ifftshift: _shift(-1),
}  # fmt: skip
for _suffix, _axes in (("n", None), ("2", (-2, -1))):
    for _name, _one, _rest in (("fft", _F, _F), ("ifft", _I, _I), ("rfft", _R, _F), ("irfft", _IR, _I)):
        FUNCTIONS[getattr(np.fft, _name + _suffix)] = _several(_one, _rest, _name != "irfft", _axes)
DERIVED |= FUNCTIONS
STRUCTURAL |= set(FUNCTIONS)
