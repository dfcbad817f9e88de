"""Programs: what a function does, written down, improved, and written out as source; NumPy alone is imported.

``recorder`` writes down what runs, as one more mode below all others; ``passes`` leave out what can be left out without
changing a bit; ``writer`` and ``phrases`` say how each step reads as a line of NumPy. For a reader: ``reader`` (names
and comments) and ``source``. For the machine: ``replay``, with ``machine`` and ``idioms`` (numbers, and shorter ways to
the same bits), ``unrolled`` (short vectors), ``blocks`` (large arrays), ``captured`` (constants that may change) and
``compiled``.
"""
