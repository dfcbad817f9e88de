"""The one visual style: colours for text and lines in both themes, and Matplotlib's settings.

The hues are those of Okabe and Ito (2008, "Color Universal Design"), which people with any kind of colour vision can
tell apart. Four of them are too pale to be read as text on white, so here each hue has a darker tint for light
backgrounds and a lighter one for dark backgrounds; every tint reaches a contrast of 4.5:1 (WCAG 2.2, 1.4.3) on every
background of its theme. Colour never stands alone: plots pair it with a dash pattern, pictures with a word.
"""

LIGHT = {
    "ink": "#1a1a1a", "muted": "#595959", "line": "#767676",
    "primal": "#00609a", "tangent": "#00694d", "adjoint": "#a34400", "partial": "#8c3f6c", "warm": "#7a5300",
    "paper": "#ffffff", "panel": "#f2f5f8", "current": "#fff3c4",
}  # fmt: skip
DARK = {
    "ink": "#f0f0f0", "muted": "#b8b8b8", "line": "#9a9a9a",
    "primal": "#7cc6f2", "tangent": "#4fd0a8", "adjoint": "#ff9d5c", "partial": "#eaa6cd", "warm": "#f0b93a",
    "paper": "#1b1b1b", "panel": "#262b30", "current": "#463b10",
}  # fmt: skip
BACKGROUNDS = ("paper", "panel", "current")
TEXT = ("ink", "muted", "primal", "tangent", "adjoint", "partial", "warm")
CYCLE = ("primal", "adjoint", "tangent", "partial", "warm", "ink")
DASHES = ("-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (1, 1)))

# The look of a graph, written once: adcourse.show puts the colours in, the widgets leave the variables to the page.
GRAPH_CSS = """
.adcourse-graph { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.adcourse-graph text { fill: var(--ac-ink); text-anchor: middle; dominant-baseline: central; stroke: none; }
.adcourse-graph .op { font-weight: 600; }
.adcourse-graph .note { fill: var(--ac-muted); font-size: 12px; text-anchor: start; }
.adcourse-graph .paper { fill: var(--ac-paper); }
.adcourse-graph .value { fill: var(--ac-primal); }
.adcourse-graph .tangent { fill: var(--ac-tangent); }
.adcourse-graph .adjoint { fill: var(--ac-adjoint); }
.adcourse-graph .partial { fill: var(--ac-partial); font-size: 12px; paint-order: stroke; stroke: var(--ac-paper);
  stroke-width: 5px; stroke-linejoin: round; }
.adcourse-graph rect { fill: var(--ac-panel); stroke: var(--ac-line); stroke-width: 1.25; }
.adcourse-graph .output rect { stroke: var(--ac-ink); stroke-width: 2.5; }
.adcourse-graph .focus rect { fill: var(--ac-current); stroke: var(--ac-ink); stroke-width: 2.5; }
.adcourse-graph .unused rect { stroke-dasharray: 4 3; }
.adcourse-graph .edge path { fill: none; stroke: var(--ac-line); stroke-width: 1.5; }
.adcourse-graph .edge .head { fill: var(--ac-line); stroke: none; }
""".strip()

# A picture in both colours takes those of the image's colour scheme: JupyterLab's theme, else what the reader prefers.
FOLLOW_THEME = (
    '<style>[data-jp-theme-light="true"] .adcourse-picture { color-scheme: light } '
    '[data-jp-theme-light="false"] .adcourse-picture { color-scheme: dark }</style>'
)


def colours(dark=False):
    """The palette of a theme: a dict from role ("ink", "primal", "adjoint", ...) to a colour "#rrggbb".

    >>> colours()["primal"], colours(dark=True)["primal"]
    ('#00609a', '#7cc6f2')
    """
    return DARK if dark else LIGHT


def contrast(first, second):
    """Contrast ratio (L1 + 0.05) / (L2 + 0.05) of two colours "#rrggbb", between 1 and 21 (WCAG 2.2, 1.4.3).

    >>> round(contrast("#000000", "#ffffff"), 6)
    21.0
    """

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dim, bright = sorted((luminance(first), luminance(second)))
    return (bright + 0.05) / (dim + 0.05)


def variables(dark=False):
    """The palette as CSS custom properties ``--ac-ink: #1a1a1a; ...``, for a page that switches themes."""
    return " ".join(f"--ac-{role}: {colour};" for role, colour in colours(dark).items())


def graph_css(dark=False):
    """The look of a graph with the colours of one theme put in, for a picture that stands alone; None: of both."""
    if dark is None:
        both = f".adcourse-graph {{ {variables()} }}"
        return f"{both}\n@media (prefers-color-scheme: dark) {{ .adcourse-graph {{ {variables(True)} }} }}\n{GRAPH_CSS}"
    css = GRAPH_CSS
    for role, colour in colours(dark).items():
        css = css.replace(f"var(--ac-{role})", colour)
    return css


def rc(dark=False):
    """Matplotlib settings of the course, as a dict for ``plt.rc_context(rc())``.

    Lines differ by colour and by dash, so that a print in grey can still be read.
    """
    from cycler import cycler

    c = colours(dark)
    return {
        "axes.prop_cycle": cycler(color=[c[role] for role in CYCLE]) + cycler(linestyle=DASHES),
        "axes.edgecolor": c["muted"], "axes.labelcolor": c["ink"], "axes.titlecolor": c["ink"],
        "axes.facecolor": c["paper"], "figure.facecolor": c["paper"], "savefig.facecolor": c["paper"],
        "text.color": c["ink"], "xtick.color": c["muted"], "ytick.color": c["muted"],
        "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": "medium",
        "axes.grid": True, "axes.axisbelow": True, "grid.color": c["line"], "grid.alpha": 0.35, "grid.linewidth": 0.6,
        "figure.figsize": (6.8, 4.0), "figure.constrained_layout.use": True, "figure.dpi": 110, "savefig.dpi": 160,
        "lines.linewidth": 1.8, "legend.frameon": False, "font.size": 10.5, "image.cmap": "cividis",
    }  # fmt: skip


def use(dark=False):
    """Apply :func:`rc` to Matplotlib for the rest of the session."""
    import matplotlib

    matplotlib.rcParams.update(rc(dark))
