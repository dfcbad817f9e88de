"""The one style: contrast in both themes, no colour alone, Matplotlib settings that Matplotlib takes."""

import pytest

from adcourse.show import style


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("role", style.TEXT)
@pytest.mark.parametrize("background", style.BACKGROUNDS)
def test_every_text_colour_has_contrast_on_every_background(dark, role, background):
    palette = style.colours(dark)
    assert style.contrast(palette[role], palette[background]) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_lines_have_contrast_too(dark):
    """WCAG 2.2, 1.4.11: graphical objects 3:1."""
    palette = style.colours(dark)
    assert all(style.contrast(palette["line"], palette[b]) >= 3 for b in style.BACKGROUNDS)


@pytest.mark.parametrize(
    "first, second, ratio", [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.478), ("#abcdef", "#abcdef", 1)]
)
def test_contrast_is_that_of_the_standard(first, second, ratio):
    assert style.contrast(first, second) == pytest.approx(ratio, abs=1e-3)
    assert style.contrast(first, second) == style.contrast(second, first)


def test_both_themes_have_the_same_roles_and_no_variable_is_left_over():
    assert style.LIGHT.keys() == style.DARK.keys()
    for dark in (False, True):
        assert "var(" not in style.graph_css(dark)
        assert all(f"--ac-{role}:" in style.variables(dark) for role in style.LIGHT)


@pytest.mark.parametrize("dark", [False, True])
def test_plots_tell_lines_apart_by_dash_as_well(dark, tmp_path):
    from matplotlib import pyplot as plt

    with plt.rc_context(style.rc(dark)):
        figure, axes = plt.subplots()
        lines = [axes.plot([0, 1], [k, k])[0] for k in range(len(style.CYCLE))]
        assert len({str(line._dash_pattern) for line in lines}) == len(lines)
        assert len({line.get_color() for line in lines}) == len(lines)
        figure.savefig(tmp_path / "lines.png")
        plt.close(figure)


def test_use_changes_matplotlib_until_the_context_ends():
    import matplotlib

    with matplotlib.rc_context():
        style.use(dark=True)
        assert matplotlib.rcParams["figure.facecolor"] == style.DARK["paper"]
