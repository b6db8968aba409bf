"""ModalityImportanceDisplay, in scikit-learn's habits."""

import matplotlib
import numpy as np
import pytest

from mmclassic.inspection import ModalityImportanceDisplay, modality_importance


@pytest.fixture(autouse=True)
def no_windows():
    from matplotlib import pyplot

    matplotlib.use("Agg")
    yield
    pyplot.close("all")


def test_bars_are_the_importances_in_order(models, test):
    display = ModalityImportanceDisplay.from_estimator(
        models["late"], *test, random_state=0
    )
    expected = modality_importance(models["late"], *test, random_state=0)
    order = np.argsort(expected.importances_mean)
    widths = [bar.get_width() for bar in display.bars_]
    np.testing.assert_allclose(widths, expected.importances_mean[order])
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels == [expected.names[k] for k in order]
    assert "Shapley" in display.ax_.get_xlabel()
    assert f"{expected.score:.3g}" in display.ax_.get_title()
    assert display.figure_ is display.ax_.figure


@pytest.mark.parametrize("method", ["permutation", "drop"])
def test_other_methods_are_named_on_the_axis(models, test, method):
    display = ModalityImportanceDisplay.from_estimator(
        models["early"], *test, method=method, random_state=0, n_repeats=2
    )
    assert "Loss" in display.ax_.get_xlabel()
    assert "nan" not in display.ax_.get_title()


def test_axes_and_style_may_be_given(models, test):
    from matplotlib import pyplot

    result = modality_importance(models["late"], *test, random_state=0)
    figure, ax = pyplot.subplots()
    display = ModalityImportanceDisplay.from_importance(
        result, ax=ax, bar_kw={"color": "red"}
    )
    assert display.ax_ is ax and display.figure_ is figure
    assert display.bars_[0].get_facecolor() == (1, 0, 0, 1)
    again = display.plot()
    assert again is display and display.ax_ is not ax


def test_the_module_needs_no_matplotlib_until_it_draws():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from mmclassic.inspection import ModalityImportanceDisplay\n"
        "print('matplotlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
