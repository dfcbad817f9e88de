"""The AD core. It imports NumPy alone.

Read it in this order: ``levels`` (who differentiates what), ``kinds`` and ``rules`` (what is known of a function),
``box`` (what travels through user code), ``dual`` (forward mode), ``tape`` (reverse mode), ``transforms`` (the calls).
Then ``taylor`` (series: the recurrences), ``coefficients`` (their inner loop), ``singular`` (zeros and poles),
``homogeneous`` and ``taylorn`` (several variables), ``rays``, ``hyperdual``, ``flow`` (differential equations).

A multiplication ``x * y`` goes from ``Box.__mul__`` through ``levels.apply`` to ``Var.process`` and becomes a row in
``Tape.append``; ``Tape.sweep`` finds it there and ``Elementwise.pullback`` hands its adjoint on.
"""
