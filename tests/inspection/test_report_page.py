"""What a report's page says of answers: the usual measures, legible of any values."""

import re
import warnings
from base64 import b64decode
from io import BytesIO

import cv2
import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    classification_report,
    f1_score,
    log_loss,
    mean_absolute_error,
    root_mean_squared_error,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mmclassic.audio import MFCC
from mmclassic.encoding import StatisticsPooling
from mmclassic.fusion import EarlyFusion, LateFusionClassifier, LateFusionRegressor
from mmclassic.image import ColorHistogram
from mmclassic.inspection import explain_row, make_report
from mmclassic.inspection._escaped import as_text, digits_of, fixed, safe, short
from mmclassic.inspection._report_charts import _labels, _ticks, bars, scatter
from mmclassic.inspection._report_data import study
from mmclassic.inspection._report_measures import answered_alike, sureness
from mmclassic.inspection._take_apart import Model, take_apart
from mmclassic.media import Waveform
from mmclassic.text import TfidfVectorizer
from tests.inspection.test_report import read


def studied(model, X, y, scoring=None):
    rng = np.random.RandomState(0)
    return study(take_apart(model), X, y, scoring, 3, 1024, rng)


def test_measures_of_classes_are_those_of_scikit_learn(models, test):
    X, y = test
    y = y.astype(object)
    y[:4] = "dog"  # which the model never answers
    data = studied(models["late"], X, y)
    predicted = models["late"].predict(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = classification_report(y, predicted, output_dict=True)
        balanced = balanced_accuracy_score(y, predicted)
        macro = f1_score(y, predicted, average="macro")
    for k, label in enumerate(data.classes):
        figures = data.by_class
        assert figures.rows[k] == told[label]["support"]
        assert figures.recall[k] == pytest.approx(told[label]["recall"])
        assert figures.f1[k] == pytest.approx(told[label]["f1-score"])
        if label != "dog":
            assert figures.precision[k] == pytest.approx(told[label]["precision"])
    assert np.isnan(figures.precision[data.classes.index("dog")])
    assert data.others["balanced accuracy"] == pytest.approx(balanced)
    assert data.others["macro F1"] == pytest.approx(macro)
    assert data.others["accuracy"] == pytest.approx(accuracy_score(y, predicted))
    assert "log loss" not in data.others


def test_chances_are_compared_with_what_is_right(models, test):
    X, y = test
    data = studied(models["late"], X, y)
    chances = models["late"].predict_proba(X)
    assert data.others["log loss"] == pytest.approx(log_loss(y, chances))
    answered = chances.max(axis=1)
    right = models["late"].predict(X) == y
    assert sum(group.rows for group in data.sureness) == len(y)
    for group in data.sureness:
        rows = (answered >= group.low) & (answered < group.high + (group.high == 1))
        assert group.rows == rows.sum()
        assert group.chance == pytest.approx(answered[rows].mean())
        assert group.right == pytest.approx(right[rows].mean())


def test_edges_of_chances_belong_to_a_group_each():
    chances = np.array([0.0, 0.5, 0.9, 1.0])
    groups = sureness(chances, np.array([True, False, True, True]))
    assert [(g.low, g.rows) for g in groups] == [(0.0, 1), (0.5, 1), (0.9, 2)]


def test_a_model_without_chances_tells_none(models, train, test, tmp_path):
    fusion = models["early"][0]
    model = make_pipeline(fusion, LinearSVC().fit(fusion.transform(train[0]), train[1]))
    assert studied(model, *test).sureness == ()
    text = " ".join(read(make_report(model, *test, tmp_path / "r.html")).text)
    assert "How sure it is" not in text and "Class by class" in text


def test_one_answer_to_all_rows_is_scored_by_the_same_score(models, test):
    X, y = test
    values, counts = np.unique(y, return_counts=True)
    data = studied(models["late"], X, y)
    assert data.alike == pytest.approx(counts.max() / len(y))
    data = studied(models["late"], X, y, "neg_log_loss")
    shares = counts / len(y)
    assert data.alike == pytest.approx((shares * np.log(shares)).sum())
    codes = np.searchsorted(values, y).astype(float)
    data = studied(models["regressor"], X, codes)
    assert data.alike == pytest.approx(0)
    predicted = models["regressor"].predict(X)
    assert data.others == {
        "mean absolute error": pytest.approx(mean_absolute_error(codes, predicted)),
        "root mean squared error": pytest.approx(
            root_mean_squared_error(codes, predicted)
        ),
    }


def test_a_score_that_asks_for_more_goes_without_that_of_one_answer(models, test):
    X, y = test

    def margin(model, X, y):
        return float(np.ptp(model.decision_function(X), axis=1).mean())

    assert answered_alike(margin, y, classifier=True) is None
    assert studied(models["early"], X, y, margin).alike is None


def test_the_page_tells_classes_chances_and_the_commonest_class(models, test, tmp_path):
    text = " ".join(read(make_report(models["late"], *test, tmp_path / "r.html")).text)
    for told in ("Class by class", "How sure it is", "always the commonest class"):
        assert told in text
    data = studied(models["late"], *test)
    for figure in (*data.by_class.recall, *data.by_class.precision):
        assert f"{figure:.3f}" in text
    codes = np.unique(test[1], return_inverse=True)[1].astype(float)
    text = " ".join(
        read(make_report(models["regressor"], test[0], codes, tmp_path / "r.html")).text
    )
    assert "always the mean" in text and "mean absolute error" in text
    assert "Class by class" not in text


def test_rows_are_described_once_for_scores_and_mistakes(
    models, test, tmp_path, monkeypatch
):
    calls = []
    describe = Model.describe
    monkeypatch.setattr(
        Model, "describe", lambda self, X: calls.append(len(X)) or describe(self, X)
    )
    make_report(models["late"], *test, tmp_path / "r.html", n_mistakes=4)
    assert calls == [len(test[1])]


def test_a_row_is_explained_on_the_page_as_elsewhere(models, test, tmp_path):
    X, y = test
    html = make_report(
        models["late"], X, y, tmp_path / "r.html", n_mistakes=2
    ).read_text(encoding="utf-8")
    for row in map(int, re.findall(r">row (\d+)<", html)):
        explained = explain_row(models["late"], X, row)
        for value in explained.contributions.values():
            assert fixed(value, 2, "+") in html


def test_a_frames_own_labels_of_rows_are_told(models, test, tmp_path):
    X, y = test
    html = make_report(
        models["late"],
        X.set_axis([f"<id {i}>" for i in range(len(X))]),
        y,
        tmp_path / "r.html",
        n_mistakes=1,
    ).read_text(encoding="utf-8")
    row = int(re.search(r">row (\d+), index", html).group(1))
    assert f"index <bdi>&lt;id {row}&gt;</bdi>" in html


def test_labels_of_another_direction_leave_figures_alone(tmp_path):
    classes = np.array(["\u0639\u0631\u0628\u064a", "\u05e9\u05dc\u05d5\u05dd"])
    y = classes[np.arange(20) % 2]
    X = pd.DataFrame({"word": np.roll(y, 1) + " 7"})
    model = LateFusionClassifier(
        [("word", make_pipeline(TfidfVectorizer(), LogisticRegression()), "word")]
    ).fit(X, y)
    html = make_report(model, X, np.roll(y, 1), tmp_path / "r.html").read_text("utf-8")
    for label in classes:
        assert f"<bdi>{label}</bdi>" in html
        rest = html.replace(f"<bdi>{label}</bdi>", "")
        assert not re.search(rf"(%|\d|log-odds of) ?{label}", rest)
    assert "<p class='said' dir='auto'>" in html


def test_control_characters_are_shown_as_a_sign(tmp_path):
    y = np.array(["a\x00", "b\x1b"] * 10)
    X = pd.DataFrame({"word": ["one\x00 \x0b two", "three\x7f\x85"] * 10}, dtype=object)
    X.loc[0, "word"] = "half \ud83d one"
    model = LateFusionClassifier(
        [("word", make_pipeline(TfidfVectorizer(), LogisticRegression()), "word")]
    ).fit(X, y)
    path = make_report(model, X, np.roll(y, 1), tmp_path / "r.html", n_mistakes=20)
    html = path.read_bytes().decode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", html)
    text = "".join(read(path).text)
    assert "one\ufffd \ufffd two" in text and "half \ufffd one" in text
    assert safe("<\ufffe>") == "&lt;\ufffd&gt;"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (24691.356, "24691"),
        (0.001234567, "0.001235"),
        (12.3456, "12.35"),
        (-0.0, "0"),
        (1.5e12, "1.5e+12"),
        (float("inf"), "inf"),
        (None, "missing"),
        (np.zeros((2, 3)), "array of shape (2, 3)"),
        (7, "7"),
    ],
)
def test_values_are_short(value, text):
    assert as_text(value) == text


def test_figures_have_the_digits_that_tell():
    assert fixed(-0.0001) == "0.000"
    assert fixed(-1e-9, 2, "+") == "+0.00"
    assert fixed(-2.345e8) == "-2.34e+08"
    assert digits_of(0.5, 3) == 3
    assert digits_of(5.0, 3) == 3
    assert digits_of(0.0004, 3) == 6
    assert digits_of(1e-9, 3) == 6
    assert digits_of(4000.0, 3) == 0
    assert digits_of(0.0, 2) == 2
    assert short(999.96) == "1000"


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.1, 0.9), (-3e5, 2.5e5), (0, 1e-6), (-1.23375, -1.23373), (5e8, 7e8), (2, 2)],
)
def test_ticks_have_short_labels_of_their_own(low, high):
    ticks = _ticks(low, high)
    labels = _labels(ticks)
    assert ticks[0] <= low <= high <= ticks[-1]
    assert len(set(labels)) == len(labels)
    assert max(map(len, labels)) <= 9


def test_labels_of_great_values_are_within_the_chart():
    values = np.linspace(-3e5, 2.6e5, 50)
    chart = scatter(values, values)
    assert "-400k" in chart and "400k" in chart
    for at, anchor, label in re.findall(
        r"<text x='([\d.]+)' y='[\d.]+' text-anchor='(\w+)'>([^<]*)<", chart
    ):
        wide = 7.4 * len(label)
        start = float(at) - wide / (1 if anchor == "end" else 2)
        assert start >= 0 and start + wide <= 401


def test_spreads_stay_on_their_scale():
    drawn = bars([("a", -2.0, 0.5, "b")], low=-2.5, high=0.0)
    assert "<u style='left:0.00%;width:40.00%'>" in drawn


def sounds(kind):
    """Return clips of two pitches at 16 kHz, of the kind."""
    times = np.arange(16000) / 16000
    cells = []
    for i in range(20):
        samples = 0.5 * np.sin(2 * np.pi * (440 + 440 * (i % 2)) * times)
        samples = (samples + 1e-3 * np.cos(i * times)).astype(np.float32)
        cells.append(
            {
                "array": samples,
                "waveform": Waveform(samples, 16000),
                "dict": {"array": samples, "sampling_rate": 16000},
                "bare dict": {"array": samples},
            }[kind]
        )
    return cells


@pytest.mark.parametrize("kind", ["array", "waveform", "dict", "bare dict"])
def test_clips_play_at_the_rate_of_their_part(kind, tmp_path):
    X = pd.DataFrame({"sound": pd.Series(sounds(kind), dtype=object)})
    y = np.array(["low", "high"] * 10)
    part = make_pipeline(
        StatisticsPooling(MFCC(16000)), StandardScaler(), LogisticRegression()
    )
    model = LateFusionClassifier([("sound", part, "sound")]).fit(X, y)
    path = make_report(
        model, X, np.roll(y, 1), tmp_path / "r.html", n_mistakes=1, n_pieces=0
    )
    assert played(path)[0] == pytest.approx(1.0, abs=0.1)


def played(path):
    """Return the seconds of each clip on a page."""
    found = re.findall(r"src='data:audio/\w+;base64,([^']+)'", path.read_text("utf-8"))
    return [soundfile.info(BytesIO(b64decode(data))).duration for data in found]


def test_long_clips_and_large_pictures_are_cut_and_the_page_says_so(tmp_path):
    rng = np.random.default_rng(0)
    noise = rng.normal(size=25 * 8000).astype(np.float32) / 5
    photo = cv2.resize(rng.integers(0, 256, (6, 8, 3), np.uint8), (1600, 1200))
    X = pd.DataFrame(
        {
            "sound": pd.Series([Waveform(noise[:n], 8000) for n in [200000, 8000] * 4]),
            "image": pd.Series([photo] * 8, dtype=object),
            "size": np.arange(8.0),
        }
    )
    y = np.array(["a", "b"] * 4)
    model = make_pipeline(
        EarlyFusion(
            [
                ("sound", StatisticsPooling(MFCC(8000)), "sound"),
                ("image", ColorHistogram(), "image"),
                ("size", StandardScaler(), ["size"]),
            ]
        ),
        LogisticRegression(max_iter=1000),
    ).fit(X, y)
    path = make_report(
        model, X[:1], ["b"], tmp_path / "r.html", n_mistakes=1, n_pieces=2
    )
    text = " ".join(read(path).text)
    assert "The first 20 of 25 seconds." in text
    assert "320 pixels at most" in text
    assert played(path) == [pytest.approx(20.0, abs=0.1)]
    pictures = re.findall(
        r"<figure><img alt='[\w ]+' src='data:image/\w+;base64,([^']+)'",
        path.read_text("utf-8"),
    )
    assert len(pictures) == 2
    for data in pictures:
        pixels = cv2.imdecode(np.frombuffer(b64decode(data), np.uint8), 1)
        assert max(pixels.shape) <= 320


def test_wide_rows_show_what_mattered_most_and_how_much_is_left(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 30)), columns=[f"c{i}" for i in range(30)])
    y = 2 * X["c28"] + rng.normal(size=60) / 10
    model = LateFusionRegressor(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(), StandardScaler(), Ridge()),
                list(X),
            )
        ]
    ).fit(X, y)
    text = " ".join(
        read(make_report(model, X, y, tmp_path / "r.html", n_mistakes=1)).text
    )
    assert "c28" in text and "and 18 more columns" in text
