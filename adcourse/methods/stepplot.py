"""The picture of lecture 1: the error of difference quotients against their step, the exact methods as level lines."""

from textwrap import wrap

import numpy as np

from adcourse.methods.comparison import CURVES, EXACT


def draw(comparison, dark=False):
    """A Matplotlib figure of ``comparison.sweep`` with the attribute ``alt``."""
    import matplotlib.pyplot as plt

    from adcourse.show import style

    colour, what = style.colours(dark), "derivative" if np.ndim(comparison.x) == 0 else "gradient"
    with plt.rc_context(style.rc(dark)):
        fig, ax = plt.subplots(figsize=(7.2, 4.4))
        ax.set(xscale="log", yscale="log", xlabel="step h", ylabel=f"absolute error of the {what}")
        if comparison.reference.values is None:
            said = [f"No error to plot. Reference: {comparison.reference.how}."]
            ax.set_axis_off()
            ax.text(0.5, 0.5, "\n".join(wrap(said[0], 60)), transform=ax.transAxes, ha="center", va="center")
        else:
            said = [
                _curve(ax, comparison.sweep, name, colour[role], marker)
                for name, role, marker in zip(CURVES, ("primal", "adjoint"), "o^", strict=True)
            ]
            said += _levels(ax, comparison, colour)
            ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
            fig.draw_without_rendering()  # so that the angles of the slopes are known
            said += _slopes(ax, comparison.sweep, colour)
        fig.alt = f"Error of the {what} against the step h, both axes logarithmic. " + " ".join(said)
        plt.close(fig)  # shown by whoever asked for it, and not a second time by the notebook
    return fig


def _curve(ax, sweep, name, colour, marker):
    """One U-curve. Returns it in words."""
    h, error = _seen(sweep, name)
    if not len(h):
        ax.plot([], [], color=colour, marker=marker, ms=3.5, label=f"{name}: error 0 at every step")
        return f"{_start(name)}: error 0 at every step."
    ax.plot(h, error, color=colour, lw=1, ls="-", marker=marker, ms=3.5, label=name)
    best = np.argmin(_smooth(error))
    return f"{_start(name)}: least error about {_smooth(error)[best]:.0e} near h = {h[best]:.0e}."


def _slopes(ax, sweep, colour):
    """Write the slopes along the branches where they are what theory says. Returns them in words."""
    said = []
    for (name, (_, order)), role, side in zip(CURVES.items(), ("primal", "adjoint"), (1, -1), strict=True):
        h, error = _seen(sweep, name)
        best = int(np.argmin(_smooth(error))) if len(h) else 0
        branches = [("truncation", order, slice(best, None), colour[role], 10 * side)]
        branches += (
            [("round-off", -1, slice(0, best + 1), colour["ink"], 20)] if not any("ound" in s for s in said) else []
        )
        for cause, slope, part, ink, distance in branches:
            middle = _middle_of_slope(h[part], error[part], slope)
            if middle is not None:
                _write_along(
                    ax, f"{cause}, slope {'+' if slope > 0 else '−'}{abs(slope)}", middle, slope, ink, distance
                )
                said.append(f"{_start(cause)} of the {name} has slope {slope:+d}.")
    return said


def _write_along(ax, text, point, slope, colour, distance):
    """Text parallel to a line of this slope through a point of the log-log plot, so many points above it."""
    corner = np.array(ax.transData.transform([point, (10 * point[0], 10.0**slope * point[1])]))
    run, rise = corner[1] - corner[0]
    angle = np.arctan2(rise, run)
    offset = distance * np.array([-np.sin(angle), np.cos(angle)])
    ax.annotate(text, point, xytext=offset, textcoords="offset points", rotation=np.degrees(angle), color=colour,
                fontsize=9, ha="center", va="center", rotation_mode="anchor")  # fmt: skip


def _seen(sweep, name):
    """The steps and errors that a logarithmic plot can show: positive, and within 25 decades of the least."""
    seen = np.isfinite(sweep[name]) & (sweep[name] > 0)
    seen &= sweep[name] < 1e25 * np.min(sweep[name][seen], initial=np.inf)
    return sweep["h"][seen], sweep[name][seen]


def _start(text):
    return text[0].upper() + text[1:]


def _smooth(error):
    """The error's geometric mean over five neighbours: round-off is noise, and a lucky zero is no optimum."""
    logs = np.pad(np.log10(error), 2, mode="edge")
    return 10 ** np.convolve(logs, np.ones(5) / 5, "valid")


def _middle_of_slope(h, error, slope):
    """A point in the middle of the branch, if its slope there is what theory says; else None."""
    if len(h) < 8:
        return None
    inner = slice(len(h) // 6, -(len(h) // 6))
    x, y = np.log10(h[inner]), np.log10(error[inner])
    fitted = np.polyfit(x, y, 1)
    if abs(fitted[0] - slope) > 0.25:
        return None
    middle = np.mean(x)
    return 10**middle, 10 ** np.polyval(fitted, middle)


def _levels(ax, comparison, colour):
    """Level lines for the methods without a step; methods of (nearly) one error share a line. Returns them in words."""
    rows = [row for row in comparison.rows if row.method in EXACT and row.error is not None]
    if not rows:
        return []
    size = float(max(map(abs, comparison.reference.values))) or 1.0
    floor = size * np.finfo(float).eps / 8
    groups = []
    for row in sorted(rows, key=lambda row: row.error):
        level = max(row.error, floor)
        if groups and level <= 10 * groups[-1][0]:
            groups[-1][1].append(row)
        else:
            groups.append((level, [row]))
    said = []
    for level, members in groups:
        names, worst = ", ".join(row.method for row in members), max(row.error for row in members)
        text = f"{names}: " + (
            "error 0 (drawn at the foot)"
            if worst == 0
            else f"error {'at most ' if len(members) > 1 else ''}{worst:.0e}"
        )
        ax.axhline(level, color=colour["tangent"], lw=1.4, ls="--")
        lines = "\n".join(wrap(text, 64))
        ax.annotate(lines, (0.99, level), xycoords=ax.get_yaxis_transform(), xytext=(0, 4), textcoords="offset points",
                    ha="right", color=colour["tangent"], fontsize=9)  # fmt: skip
        said.append(f"{_start(text)}, whatever the step.")
    return said
