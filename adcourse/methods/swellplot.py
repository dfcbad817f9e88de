"""The picture of expression swell: sizes and times of the formula of a derivative as the program gets longer."""

SIZES = {
    "derivative_tree": "f′ as a tree",
    "sympy_operations": "operations of SymPy's f′",
    "derivative_dag": "f′ as a graph",
    "shared_operations": "operations on the graph",
}
TIMES = {
    "differentiate": "SymPy: differentiate",
    "evaluate": "SymPy: evaluate f′",
    "lambdified": "f′ as a NumPy function",
    "lambdified_cse": "with common subexpressions",
    "automatic": "tape",
}


def draw(account, along="number of steps n", dark=False):
    """A Matplotlib figure of an account of swell, :class:`adcourse.methods.swell.Swell`, with the attribute ``alt``."""
    import matplotlib.pyplot as plt

    from adcourse.methods.growthplot import looks
    from adcourse.show import style

    said = []
    with plt.rc_context(style.rc(dark)):
        fig, axes = plt.subplots(1, 2, figsize=(9.6, 4.8), sharex=True)
        for ax, curves, unit, what in zip(
            axes, (SIZES, TIMES), (1, 1000), ("nodes or operations", "time (ms)"), strict=True
        ):
            for (column, label), look in zip(curves.items(), looks(style.colours(dark)), strict=False):
                points = [(n, unit * y) for n, y in zip(account.steps, account[column], strict=True) if y]
                ax.plot(*zip(*points, strict=True) if points else ((), ()), label=label, **look)
                if points:
                    ends = [f"{y:,.0f}" if unit == 1 else f"{y:.2g} ms" for _, y in (points[0], points[-1])]
                    said.append(f"{label}: {ends[0]} at n = {points[0][0]}, {ends[1]} at n = {points[-1][0]}.")
            ax.set(yscale="log", xlabel=along, ylabel=what)
            ax.xaxis.get_major_locator().set_params(integer=True)
            ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9)
        fig.alt = f"How the formula of the derivative grows with the {along}, logarithmic: left sizes, right times. "
        fig.alt += " ".join(said + account.notes)
        plt.close(fig)  # shown by whoever asked for it, and not a second time by the notebook
    return fig
