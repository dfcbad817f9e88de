"""adcourse: one program, many derivatives.

Every public name is here and loads when it is first used, so that ``import adcourse`` costs NumPy and little more.
"""

from importlib import import_module

_HOME = {
    "adcourse.core.transforms": (
        "grad",
        "value_and_grad",
        "derivative",
        "jvp",
        "vjp",
        "linearize",
        "hvp",
        "record",
    ),
    "adcourse.core.jacobians": ("jacobian", "hessian"),
    "adcourse.core.sparse": ("sparse_jacobian", "sparse_hessian"),
    "adcourse.core.colouring": ("colour_columns", "colour_rows", "star_colouring"),
    "adcourse.core.expand": ("taylor",),
    "adcourse.core.taylor": ("Taylor",),
    "adcourse.core.taylorn": ("TaylorN",),
    "adcourse.core.rays": ("directional_derivatives", "mixed_partial", "derivative_tensor"),
    "adcourse.core.vmap": ("vmap",),
    "adcourse.core.check": ("check_derivatives",),
    "adcourse.core.nonfinite": ("strict", "repair"),
    "adcourse.core.custom": ("custom_rule",),
    "adcourse.core.implicit": ("implicit_function", "fixed_point"),
    "adcourse.core.pairs": ("sum_over_pairs",),
    "adcourse.core.checkpoint": ("checkpoint",),
    "adcourse.core.revolve": ("revolve", "checkpointed_loop"),
    "adcourse.core.reversible": ("reversible_loop", "reconstruction_error"),
    "adcourse.program.replay": ("replay",),
    "adcourse.core.tape": ("Tape",),
    "adcourse.core.dual": ("Dual",),
    "adcourse.core.hyperdual": ("HyperDual",),
    "adcourse.methods.compare": ("compare",),
    "adcourse.grading": ("check",),
    "adcourse.grading.progress": ("progress",),
}
_NAMES = {name: module for module, names in _HOME.items() for name in names}
_SUBMODULES = ("core", "program", "methods", "science", "show", "widgets", "grading")

__all__ = [*_NAMES, *_SUBMODULES, "__version__"]


def __getattr__(name):
    if name in _NAMES:
        value = globals()[name] = getattr(import_module(_NAMES[name]), name)
        return value
    if name in _SUBMODULES:
        return import_module(f"adcourse.{name}")
    if name == "__version__":  # what was installed knows it, from the tag it was built of
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("adcourse")
        except PackageNotFoundError:  # a folder on Python's path, not installed
            return "0.0.0"
    raise AttributeError(f"module 'adcourse' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
