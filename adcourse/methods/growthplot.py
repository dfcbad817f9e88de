"""The pictures of cost: operations and time over those of f, against the number of inputs or the order."""

import numpy as np

MARKERS = "os^Dv<>pP*Xh"


def draw(growth, f_name="f", dark=False):
    """A Matplotlib figure of a :class:`Growth` with the attribute ``alt``."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import NullFormatter

    from adcourse.show import style

    colour = style.colours(dark)
    with plt.rc_context(style.rc(dark)):
        fig, axes = plt.subplots(1, 2, figsize=(9.6, 4.6), sharex=True)
        styles = looks(colour)
        for curve, look in zip(growth.curves, styles, strict=False):
            for ax, values in zip(axes, (curve.operations, curve.seconds), strict=True):
                _line(ax, curve, values, look)
        for ax, what in zip(axes, ("operations", "time"), strict=True):
            ax.set(yscale="log", xlabel=growth.along, ylabel=f"{what} / {what} of {f_name}")
            if growth.along.startswith("number"):
                ax.set_xscale("log")
                sizes = sorted({n for curve in growth.curves for n in curve.at})
                ax.set_xticks(sizes, [f"{n:,}" for n in sizes])
                ax.xaxis.set_minor_formatter(NullFormatter())
            else:
                ax.xaxis.get_major_locator().set_params(integer=True)
        handles = [_handle(curve, look) for curve, look in zip(growth.curves, styles, strict=False)]
        fig.legend(handles=handles, loc="outside upper center", ncols=3)
        fig.alt = _in_words(growth)
        plt.close(fig)  # shown by whoever asked for it, and not a second time by the notebook
    return fig


def looks(colour):
    """Colour, dash and marker of each line, in the order of the lines: no two alike, and in grey the markers tell."""
    from adcourse.show.style import CYCLE, DASHES

    roles = [
        (role, dash) for shift in range(2) for role, dash in zip(CYCLE, DASHES[shift:] + DASHES[:shift], strict=True)
    ]
    return [
        {"color": colour[role], "ls": dash, "marker": m, "ms": 4.5}
        for (role, dash), m in zip(roles, MARKERS, strict=True)
    ]


def _line(ax, curve, values, look):
    shown = np.isfinite(values) & (np.asarray(values) > 0) if values else []
    if np.any(shown):
        at, values = np.array(curve.at)[shown], np.array(values)[shown]
        ax.plot(at, values, **look)
        if "budget" in curve.note:  # an end that is the budget's, not the method's
            ax.plot(at[-1], values[-1], marker="x", ms=11, mew=2, color=look["color"], ls="none")


def _handle(curve, look):
    from matplotlib.lines import Line2D

    return Line2D([], [], label=curve.method + (" (× stopped)" if "budget" in curve.note else ""), **look)


def _in_words(growth):
    """What the curves show, for who can't see them."""
    said = [f"Cost over that of one run of f against the {growth.along}, left in operations, right in time."]
    for curve in growth.curves:
        name = curve.method[0].upper() + curve.method[1:]
        if curve.at:
            ends = dict.fromkeys((0, len(curve.at) - 1))
            known = np.isfinite(curve.operations)
            parts = [
                f"at {curve.at[i]} "
                + (f"{curve.operations[i]:.3g} times the operations and " if known[i] else "")
                + f"{curve.seconds[i]:.2g} times the time"
                for i in ends
            ]
            said.append(f"{name}: {', '.join(parts)}.")
        if curve.note:
            said.append(f"{name} {curve.note[0].lower() + curve.note[1:]}".rstrip(".") + ".")
    return " ".join(said)
