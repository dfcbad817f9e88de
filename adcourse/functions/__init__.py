"""NumPy's other functions, each made of functions that have a rule; and SciPy's special functions, by rules.

Nothing here knows of modes or tapes. A function is derived (``@derives(np.trace)``) from those in the table of
``adcourse.core.rules``, with NumPy's own signature, and so has derivatives of every order in every mode. Loading the
core loads these; ``fft``, ``complex`` and ``special`` wait for a program that needs them.
"""
