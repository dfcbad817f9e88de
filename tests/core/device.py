"""A stand-in for an array on a GPU: it computes like NumPy, refuses to become a NumPy array or to meet one."""

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from adcourse.core.levels import Traced

# The methods of ufuncs that CuPy (13 to 15) has for a few of them only; it has np.add.at, by a scatter.
METHODS = {
    "at": {np.add, np.subtract, np.maximum, np.minimum},
    "reduce": {np.add, np.multiply},
    "accumulate": {np.add, np.multiply},
}


class DeviceArray(NDArrayOperatorsMixin):
    """As CuPy does, results of reductions are 0-dimensional device arrays, and Python and NumPy scalars may join in."""

    def __init__(self, data):
        self._data = np.array(data)

    def __array__(self, dtype=None, copy=None):
        raise TypeError("implicit conversion of a device array to NumPy")

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        if any(isinstance(x, Traced) for x in inputs):
            return NotImplemented
        if ufunc not in METHODS.get(method, {ufunc}):
            raise NotImplementedError(f"CuPy has no {ufunc.__name__}.{method}")
        host = [inputs[0]._data, _index(inputs[1]), *map(_host, inputs[2:])] if method == "at" else map(_host, inputs)
        if method == "at":
            return ufunc.at(*host)
        return _device(getattr(ufunc, method)(*host, **kwargs))

    def __array_function__(self, function, types, args, kwargs):
        if any(issubclass(t, Traced) for t in types):
            return NotImplemented
        return _device(function(*(_host(a) for a in args), **{k: _host(v) for k, v in kwargs.items()}))

    def __getitem__(self, index):
        return _device(self._data[_index(index)])

    def __setitem__(self, index, value):
        self._data[_index(index)] = _host(value)

    def __bool__(self):
        return bool(self._data)  # allowed on a GPU too, at the price of waiting for it

    def __len__(self):
        return len(self._data)

    def copy(self):
        return DeviceArray(self._data)

    def astype(self, dtype):
        return DeviceArray(self._data.astype(dtype))

    shape = property(lambda self: self._data.shape)
    ndim = property(lambda self: self._data.ndim)
    size = property(lambda self: self._data.size)
    dtype = property(lambda self: self._data.dtype)
    T = property(lambda self: DeviceArray(self._data.T))


def _device(x):
    if isinstance(x, (np.ndarray, np.generic)):
        return DeviceArray(x)
    if isinstance(x, tuple):  # CuPy returns plain tuples where NumPy has named ones
        return tuple(map(_device, x))
    return list(map(_device, x)) if type(x) is list else x


def _index(x):
    """An index. CuPy moves lists, and NumPy's arrays of integers and booleans, to the device."""
    if isinstance(x, tuple):
        return tuple(map(_index, x))
    return x if isinstance(x, np.ndarray) and x.dtype.kind in "iub" else _host(x)


def _host(x):
    if isinstance(x, DeviceArray):
        return x._data
    if isinstance(x, np.ndarray) and x.ndim:
        raise TypeError("a NumPy array met a device array")
    return type(x)(map(_host, x)) if type(x) in (tuple, list) else x


def to_host(x):
    """The numbers of a device array: the explicit way, as ``cupy.asnumpy`` is."""
    assert isinstance(x, DeviceArray), f"left the device: {x!r}"
    return x._data
