"""Mechanics from one scalar: forces from a potential, motion from a Lagrangian or a Hamiltonian, and leapfrog.

Positions q, velocities v and momenta p have one shape, whatever it is: a number, the three coordinates of a body, an
N × 3 array for N particles. The scalar functions are plain NumPy code.

Source: Landau and Lifshitz, *Mechanics* (3rd edition, 1976), §§ 2, 5 and 40; Hairer, Lubich and Wanner, *Geometric
Numerical Integration* (2nd edition, Springer, 2006), chapters I and VI.
"""

import numpy as np

from adcourse import grad, jacobian, jvp
from adcourse.core.arguments import as_output
from adcourse.core.errors import InputError

from .given import whole


def force(V, q):
    """F = -∂V/∂q, with the shape of q: a ball rolls down.

    >>> force(lambda q: q**2 / 2, 3.0)
    -3.0
    """
    return -grad(V)(q)


def lagrangian_acceleration(L, q, v, push=0.0):
    """The a that solves L_vv a = L_q - L_vq v + push, for the Lagrangian ``L(q, v)``; it has the shape of q.

    It is Euler and Lagrange's equation d/dt L_v = L_q, with the left side expanded: L_v changes because v does, and
    because q does. ``push`` is what no potential has, such as friction. Derivatives are nested: L_vq v is a
    directional derivative of the gradient, and L_vv the Jacobian of it.
    Raises InputError where q and v differ in shape, and where L_vv is singular: then L doesn't determine a.

    >>> def planar(q, v):  # a free body of mass 1 in polar coordinates (r, angle)
    ...     return (v[0] ** 2 + (q[0] * v[1]) ** 2) / 2
    >>> lagrangian_acceleration(planar, [2.0, 0.0], [1.0, 3.0])  # r w², and -2 r' w / r
    array([18., -3.])
    """
    q, v = _pair(q, v, "v")
    by_v = grad(L, 1)
    turned = jvp(lambda q: by_v(q, v), (q,), (v,))[1]
    right = grad(L)(q, v) - turned + push
    mass = np.reshape(jacobian(lambda v: by_v(q, v))(v), (np.size(q), np.size(q)))
    if isinstance(mass, np.ndarray) and np.linalg.matrix_rank(mass) < len(mass):
        raise InputError(
            f"The Lagrangian has a singular matrix L_vv at q = {q}, v = {v}.",
            "some velocity isn't in its kinetic energy, or only in a combination with others.",
            "a kinetic energy that is positive for every velocity but 0",
        )
    a = np.linalg.solve(mass, np.ravel(right))
    return np.reshape(a, np.shape(q))


def hamiltonian_equations(H, q, p):
    """(dq/dt, dp/dt) = (∂H/∂p, -∂H/∂q) for the Hamiltonian ``H(q, p)``.

    >>> hamiltonian_equations(lambda q, p: p**2 / 4 + q**4, 2.0, 6.0)
    (3.0, -32.0)
    """
    q, p = _pair(q, p, "p")
    by_q, by_p = grad(H, (0, 1))(q, p)
    return by_p, -by_q


def euler(gradV, q, p, h, n, mass=1.0):
    """n steps of Euler's method for H = p²/(2 mass) + V(q): the path, as ``leapfrog`` gives it. Order 1.

    >>> q, p = euler(lambda q: q, 1.0, 0.0, 0.1, 2)
    >>> q, p
    (array([1.  , 1.  , 0.99]), array([ 0. , -0.1, -0.2]))
    """
    q, p = _pair(q, p, "p")
    path = [(q, p)]
    for _ in range(whole(n, 0, "n")):
        q, p = q + h * p / mass, p - h * gradV(q)
        path.append((q, p))
    return tuple(map(np.stack, zip(*path, strict=True)))


def leapfrog(gradV, q, p, h, n, mass=1.0):
    """n Størmer-Verlet steps of size h for H = p²/(2 mass) + V(q): the path, all n + 1 positions and momenta.

    A step: half a kick p ← p - h/2 ∇V(q), a drift q ← q + h p/mass, half a kick. Order 2; symplectic; run from the end
    with -p, or with -h, it comes back. The next step begins with the gradient that the last one ended with, so there
    are n + 1 of them. ``mass`` is a number, or an array that broadcasts with q. Differentiable by all but n.
    Returns the arrays (q, p), with one more axis in front: q[-1] and p[-1] are the end.

    >>> q, p = leapfrog(lambda q: q, 1.0, 0.0, 0.1, 1)
    >>> q.round(6), p.round(6)
    (array([1.   , 0.995]), array([ 0.     , -0.09975]))
    """
    q, p = _pair(q, p, "p")
    path, slope = [(q, p)], as_output(gradV(q))
    for _ in range(whole(n, 0, "n")):
        p = p - h / 2 * slope
        q = q + h * p / mass
        slope = gradV(q)
        p = p - h / 2 * slope
        path.append((q, p))
    return tuple(map(np.stack, zip(*path, strict=True)))


def lennard_jones(q):
    """V = Σ 4 (r⁻¹² - r⁻⁶) over the pairs of N particles, ``q`` of shape (N, dimensions); r is their distance.

    Far apart they attract each other, near by they repel; a pair rests at r = 2^(1/6), with V = -1.
    Raises InputError for another shape, and for two particles in one place.
    Source: Lennard-Jones, *Cohesion*, Proceedings of the Physical Society 43 (1931).

    >>> pair = np.array([[0.0, 0.0], [0.0, 1.5]])
    >>> float(lennard_jones(pair)), force(lennard_jones, pair)[1].round(6)  # doctest: +ELLIPSIS
    (-0.320336..., array([-0.      , -1.158029]))
    """
    if np.ndim(q) != 2 or len(q) < 2:
        raise InputError(
            f"lennard_jones was given positions of shape {np.shape(q)}.",
            "each particle is a row, and a pair takes two of them.",
            "np.array([[0.0, 0.0], [0.0, 1.5]])",
        )
    i, j = np.triu_indices(len(q), 1)
    square = np.sum((q[i] - q[j]) ** 2, axis=1)
    if not np.all(square > 0):
        raise InputError(
            "lennard_jones was given two particles in one place.",
            "their energy is infinite, and a force has no direction there.",
            "positions that differ",
        )
    sixth = square**-3
    return 4.0 * np.sum(sixth * sixth - sixth)


def _pair(q, w, name):
    """Both as arrays (or as what is being differentiated) of one shape."""
    q, w = (np.array(x) * 1.0 if isinstance(x, (list, tuple)) else x * 1.0 for x in (q, w))
    if np.shape(q) != np.shape(w):
        raise InputError(
            f"The positions have shape {np.shape(q)}, but {name} has shape {np.shape(w)}.",
            f"{name} has one entry for each coordinate.",
            f"an array {name} of shape {np.shape(q)}",
        )
    return q, w
