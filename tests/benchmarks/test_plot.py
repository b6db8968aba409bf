"""The plot: a bar a ratio, beside what was asked."""

import pytest
from matplotlib.patches import Rectangle

from benchmarks.plot import FAST, MISSED, plot_ratios


def bars(axes):
    return {
        label.get_text(): bar
        for label, bar in zip(
            axes.get_yticklabels(),
            (patch for patch in axes.patches if isinstance(patch, Rectangle)),
            strict=True,
        )
    }


def test_each_ratio_of_speed_or_time_has_a_bar_from_one_to_its_median(
    tmp_path, measured
):
    figure = plot_ratios(measured, tmp_path / "ratios.png")
    (axes,) = figure.axes
    ends = {name: bar.get_x() + bar.get_width() for name, bar in bars(axes).items()}
    # A ratio of times is drawn as one of speeds; of memory and of scale there is none.
    assert ends == {
        "mfcc 5 s": pytest.approx(4.0),
        "hog 64": pytest.approx(7.0),
        "MFCC over decoding": pytest.approx(1 / 1.2),
    }
    assert axes.get_xscale() == "log"


def test_a_missed_ratio_has_another_colour_and_hatching(tmp_path, measured):
    from matplotlib.colors import to_hex

    (axes,) = plot_ratios(measured, tmp_path / "ratios.png").axes
    drawn = bars(axes)
    reached, missed = drawn["mfcc 5 s"], drawn["hog 64"]
    assert to_hex(reached.get_facecolor()) == FAST.lower() and not reached.get_hatch()
    assert to_hex(missed.get_facecolor()) == MISSED.lower() and missed.get_hatch()
    assert any("7.00× scikit-image (missed)" in t.get_text() for t in axes.texts)


def test_what_was_asked_is_marked_on_its_bar(tmp_path, measured):
    (axes,) = plot_ratios(measured, tmp_path / "ratios.png").axes
    upright = [line.get_xdata() for line in axes.lines]
    for asked in (4.0, 8.0, 1 / 1.25):
        assert any(list(xs) == pytest.approx([asked, asked]) for xs in upright)


def test_labels_stay_within_the_figure(tmp_path, measured):
    figure = plot_ratios(measured, tmp_path / "ratios.png")
    width = figure.bbox.width
    figure.draw_without_rendering()
    texts = [*figure.axes[0].texts, *figure.axes[0].get_yticklabels(), *figure.texts]
    for text in texts:
        extent = text.get_window_extent()
        assert 0 <= extent.x0 and extent.x1 <= width, text.get_text()


@pytest.mark.parametrize(
    ("name", "start"), [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml")]
)
def test_the_suffix_says_what_is_written_and_the_same_figures_the_same_bytes(
    tmp_path, measured, name, start
):
    plot_ratios(measured, tmp_path / name)
    first = (tmp_path / name).read_bytes()
    plot_ratios(measured, tmp_path / name)
    assert first.startswith(start)
    assert (tmp_path / name).read_bytes() == first


def test_nothing_to_draw_is_an_error(tmp_path, measured):
    with pytest.raises(ValueError, match="None of these figures"):
        plot_ratios([], tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"must be a file \.png or \.svg"):
        plot_ratios(measured, tmp_path / "a.pdf")
