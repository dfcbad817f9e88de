"""Interactive pictures. Each is one Python class, one ES module, and a static form for where nothing can move."""

from importlib import import_module

_HOME = {
    "BroadcastView": "broadcast_view",
    "CheckpointSchedule": "checkpoint_schedule",
    "Cobweb": "cobweb",
    "DescentLandscape": "descent_landscape",
    "DualGeometry": "dual_geometry",
    "ErrorV": "error_v",
    "JacobianColouring": "jacobian_colouring",
    "KinkExplorer": "kink_explorer",
    "ModeCost": "mode_cost",
    "PerturbationConfusion": "perturbation_confusion",
    "PhaseSpace": "phase_space",
    "SweepStepper": "sweep_stepper",
    "SwellMeter": "swell_meter",
    "TaylorExplorer": "taylor_explorer",
}

__all__ = list(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
