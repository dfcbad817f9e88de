"""The pictures of a class's results, each in both themes, each with its words; without names."""

from __future__ import annotations

from adcourse.grading.marking.pages import number
from adcourse.grading.marking.statistics import HINTS, Statistics, bins


def plots(found: Statistics) -> dict[str, tuple]:
    """``{name: (for light pages, for dark pages)}``: Pictures of adcourse.show with ``.png`` and ``.alt``."""
    import matplotlib

    from adcourse.show import figure, style

    pictures: dict[str, list] = {}
    for dark in (False, True):
        with matplotlib.rc_context(style.rc(dark)):
            for draw in (totals, success, misunderstandings, discrimination):
                if drawn := draw(found, style.colours(dark)):
                    pictures.setdefault(draw.__name__, []).append(figure(*drawn))
    return {name: tuple(both) for name, both in pictures.items()}


def _axes(height: float = 3.4):
    from matplotlib.figure import Figure

    return (fig := Figure(figsize=(6.8, height))), fig.subplots()


def totals(found: Statistics, colours):
    if not found.totals:
        return None
    fig, ax = _axes()
    ranges = bins(found.totals, found.points)
    ax.bar([a for a, _, _ in ranges], [n for _, _, n in ranges], [b - a for a, b, _ in ranges],
           align="edge", color=colours["primal"], edgecolor=colours["paper"])  # fmt: skip
    middle = sorted(found.totals)[len(found.totals) // 2]
    ax.axvline(middle, color=colours["adjoint"], linestyle="--")
    ax.annotate("median", (middle, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom",
                color=colours["adjoint"])  # fmt: skip
    ax.set(xlabel="total, in points", ylabel="students")
    ax.yaxis.get_major_locator().set_params(integer=True)
    most = max(ranges, key=lambda r: r[2])
    return fig, (
        f"Distribution of the totals of {len(found.totals)} students, of {number(found.points)} points: the median is "
        f"{number(middle)}, and most, {most[2]}, have {number(most[0])} to {number(most[1])} points."
    )


def success(found: Statistics, colours):
    problems = [p for p in found.problems if p.marked]
    if not problems:
        return None
    fig, ax = _axes(1.1 + 0.36 * len(problems))
    parts = ("solved", "primal", ""), ("partly", "warm", "//"), ("unsolved", "adjoint", "..")
    left = [0.0] * len(problems)
    for name, role, hatch in parts:
        width = [100 * getattr(p, name) / p.marked for p in problems]
        ax.barh(range(len(problems)), width, left=left, color=colours[role], hatch=hatch, label=name,
                edgecolor=colours["paper"])  # fmt: skip
        left = [a + b for a, b in zip(left, width, strict=True)]
    ax.set_yticks(range(len(problems)), [p.item.problem or p.item.cell[:20] for p in problems])
    ax.invert_yaxis()
    ax.set(xlabel="percent of the students", xlim=(0, 100))
    ax.grid(axis="y", visible=False)
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    shares = ", ".join(f"{p.item.problem or p.item.cell} {100 * p.solved / p.marked:.0f} %" for p in problems)
    return fig, f"How many solved each problem: {shares}."


def misunderstandings(found: Statistics, colours):
    shown = found.misunderstandings[:HINTS]
    if not shown:
        return None
    fig, ax = _axes(0.9 + 0.36 * len(shown))
    ax.barh(range(len(shown)), [m.count for m in shown], color=colours["adjoint"])
    words = [f"{m.item.problem or m.item.cell}: {m.sentence}" for m in shown]
    ax.set_yticks(range(len(shown)), [_mathless(w if len(w) <= 52 else w[:50] + " …") for w in words], fontsize=9)
    ax.invert_yaxis()
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set(xlabel="students")
    ax.grid(axis="y", visible=False)
    told = "; ".join(f"{m.count} in {m.item.problem or m.item.cell}, {m.sentence}" for m in shown[:3])
    return fig, f"The {len(shown)} most frequent misunderstandings. The first: {told}"


def discrimination(found: Statistics, colours):
    shown = [p for p in found.problems if p.discrimination is not None]
    if not shown:
        return None
    fig, ax = _axes()
    ax.plot([100 * p.success for p in shown], [p.discrimination for p in shown], "o", color=colours["tangent"])
    for p in shown:
        ax.annotate(p.item.problem or p.item.cell, (100 * p.success, p.discrimination), xytext=(6, 4),
                    textcoords="offset points", annotation_clip=False)  # fmt: skip
    ax.axhline(0, color=colours["muted"], linewidth=0.8, linestyle="-")
    ax.set(xlabel="points earned, in percent", ylabel="discrimination", xlim=(0, 100), ylim=(-1, 1))
    told = ", ".join(f"{p.item.problem or p.item.cell} {p.discrimination:.2f}" for p in shown)
    return fig, f"Discrimination of each problem against the share of its points that was earned: {told}."


def _mathless(words: str) -> str:
    """A dollar sign would begin a formula."""
    return words.replace("$", r"\$")
