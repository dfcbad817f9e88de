"""Random programs against a 50-digit reference and against JAX: ``python -m tests.fuzz --programs 100000 --seed 1``.

``programs`` draws a program, straight-line Python text over the whole table; ``exact`` runs that text in 50 digits and
differentiates it by differences, knowing no rule; ``check`` runs it under every nesting of the modes and compares.
"""
