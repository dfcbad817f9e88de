"""Examples for np.fft and for complex numbers between real ones, joined to those of examples.py."""

import numpy as np

fft = np.fft
RULES = {
    "fft": [(lambda x: np.abs(fft.fft(x)) ** 2, (5,)), (lambda x: fft.fft(x, 7, axis=0, norm="ortho").imag, (4, 2)),
            (lambda x: fft.ifft(fft.fft(x, 3) * (1 + 2j)).real, (4,)), (lambda x: np.real(fft.ifft(x)), (1,)),
            (lambda x, y: (x + 1j * y) @ (x - 1j * y)[0] * (1 - 2j) / y[0] - fft.fft(y).conj(), (3, 3), (3, 3))],
}  # fmt: skip
RULES["fft"] = [(lambda *x, f=f: np.real(f(*x) * (1 - 1j)), *shapes) for f, *shapes in RULES["fft"]]

DERIVED = {
    "rfft": [(lambda x: fft.rfft(x).real, (6,)), (lambda x: np.imag(fft.rfft(x, norm="forward")), (5,)),
             (lambda x: np.abs(fft.rfft(x, 4, axis=0)), (6, 2)), (lambda x: abs(fft.rfft(x, 9)) ** 2, (2, 6)),
             (lambda x: abs(fft.rfft(x)), (1,))],
    "irfft": [(lambda x: fft.irfft(fft.rfft(x) * (2 - 1j)), (6,)), (lambda x: fft.irfft(x, norm="ortho"), (2, 4)),
              (lambda x: fft.irfft(fft.rfft(x), 5, norm="forward"), (7,)),
              (lambda x, y: fft.irfft(x + 1j * y, 9, axis=0), (3, 2), (3, 2)), (lambda x: fft.irfft(x, 1), (3,))],
    "fft2": [(lambda x: abs(fft.fft2(x)), (3, 4)), (lambda x: fft.ifft2(x, s=(2, 5)).imag, (3, 4))],
    "fftn": [(lambda x: abs(fft.fftn(x)), (2, 3, 2)), (lambda x: fft.ifftn(x, axes=(0,)).imag, (3, 4))],
    "rfft2": [(lambda x: abs(fft.rfft2(x)), (2, 3, 4))],
    "rfftn": [(lambda x: fft.rfftn(x, s=(3, 5), axes=(2, 0)).imag, (4, 2, 3))],
    "irfft2": [(lambda x: fft.irfft2(fft.rfft2(x) ** 2, s=(3, 5)), (3, 5))],
    "irfftn": [(lambda x: fft.irfftn(fft.rfftn(x) * 1j, norm="ortho"), (2, 3, 4))],
    "hfft": [(lambda x: fft.hfft(x * (1 + 1j), 6), (4,))],
    "ihfft": [(lambda x: abs(fft.ihfft(x)), (5,))],
    "fftshift": [(lambda x: fft.fftshift(x), (3, 4)), (lambda x: fft.fftshift(fft.fft(x), axes=1).real, (3, 5))],
    "ifftshift": [(lambda x: fft.ifftshift(x, axes=(0,)), (3, 4))],
    "complex": [(lambda x: abs(np.exp(1j * x) - 1), (3,)), (lambda x: np.angle(x + 2j), (2, 3)),
                (lambda x: np.log(x + 1j).imag * np.sqrt(x - 1j).real, (3,)), (lambda x: ((x + 1j) ** 2).real, (3,)),
                (lambda x: np.real((x + 1j) ** -1.5 + 1 / (x - 2j)), (3,)), (lambda x: np.prod(x * 1j + 1).imag, (3,)),
                (lambda x, y: np.where(y > 0, x * 1j, y).imag, (3,), (3,)),
                (lambda x: np.real(np.stack([x * 1j, x]).T.sum(axis=0) / (1 + 1j)), (3,)),
                (lambda x: np.real(np.conj(x * 1j + 2) * (2j) ** x), (3,)), (lambda x: x.real * 2.0 + x.imag, (2,))],
}  # fmt: skip
