"""The AD core. It imports NumPy alone.

Read it in this order: ``levels`` (who differentiates what), ``kinds`` and ``rules`` (what is known of a function),
``box`` (what travels through user code), ``dual`` (forward mode), ``tape`` (reverse mode), ``transforms`` (the calls).
Then, in any order:

* series: ``taylor`` (the recurrences), ``coefficients`` (their inner loop), ``straight`` (the same, written out),
  ``singular`` (zeros and poles), ``expand`` (the call), ``flow`` (differential equations); ``homogeneous`` and
  ``taylorn`` (several variables), ``rays`` (these by series in one), ``hyperdual``
* many at once: ``batch`` (what travels), ``members`` (how each rule takes it), ``answers`` (what comparisons say),
  ``gather`` (indices that differ), ``vmap`` and ``jacobians`` (the calls)
* matrices mostly of zeros: ``sparsity`` (where they are), ``colouring`` (which columns share a sweep), ``sparse``
* less memory: ``alive`` (what a tape keeps), ``checkpoint`` (forget and compute again), ``revolve`` (loops, by a plan),
  ``reversible`` (loops that run backward), ``pairs`` (large sums)
* derivatives that don't follow the program: ``custom`` (rules of one's own), ``implicit`` (solutions of equations),
  ``krylov`` (their linear systems)
* for who searches an error: ``check``, ``nonfinite``

A multiplication ``x * y`` goes from ``Box.__mul__`` through ``levels.apply`` to ``Var.process`` and becomes a row in
``Tape.append``; ``Tape.sweep`` finds it there and ``Elementwise.pullback`` hands its adjoint on.
"""
