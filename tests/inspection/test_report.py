"""make_report: one page that shows what is true, harms nobody and needs nothing."""

import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mmclassic import make_multimodal_pipeline
from mmclassic.audio import MFCC
from mmclassic.encoding import StatisticsPooling
from mmclassic.exceptions import InvalidItemWarning
from mmclassic.fusion import EarlyFusion, LateFusionClassifier, LateFusionRegressor
from mmclassic.image import HOG
from mmclassic.inspection import make_report
from mmclassic.inspection._game import Game
from mmclassic.inspection._report_data import REMOVED, study
from mmclassic.inspection._take_apart import take_apart
from mmclassic.text import TfidfVectorizer
from tests.inspection.browser import dump, probe
from tests.inspection.conftest import late as late_of_numbers

HOSTILE = (
    "<script>hacked=1</script><img src=x onerror='hacked=1'>\"'&</td></style>"
    + "unbroken" * 40
)
COLUMNS = {"text": HOSTILE, "image": "pic'><b>", "audio": 'so"und', "size": "<i>"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def table(folder):
    """Texts, picture and sound files and a number, all of them named to do harm."""
    rng = np.random.default_rng(0)
    y = np.arange(48) % 3
    rows = []
    for i, k in enumerate(y):
        picture = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)
        picture[:20, : 20 * (k + 1)] //= 8
        path = folder / f"{i}'\"><img src=x onerror=hacked=1>.png"
        path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
        sound = folder / f"{i}&<script>hacked=1<\\script>.wav"
        times = np.arange(8000) / 8000
        tone = np.sin(2 * np.pi * 400 * (k + 1) * times) * rng.uniform(0.2, 0.6)
        soundfile.write(sound, tone + 0.2 * rng.normal(size=8000), 8000)
        text = f"{HOSTILE} {rng.choice(['red', 'blue', 'green'])} {'abc'[k]}thing"
        rows.append([text, str(path), str(sound), float(rng.normal() + k)])
    X = pd.DataFrame(rows, columns=list(COLUMNS.values()))
    X.loc[[4, 30], COLUMNS["image"]] = None
    X.loc[[5, 31], COLUMNS["text"]] = None
    labels = np.array(["</script><script>hacked=1</script>", "b & b", "c" * 300])
    wrong = y.copy()
    wrong[::5] = (wrong[::5] + 1) % 3
    return X, labels[wrong]


def parts():
    return [
        ("text", make_pipeline(TfidfVectorizer(), LogisticRegression()), HOSTILE),
        (
            "image",
            make_pipeline(HOG((40, 60)), LogisticRegression(C=1e-3)),
            COLUMNS["image"],
        ),
        (
            "audio",
            make_pipeline(
                StatisticsPooling(MFCC(8000)), StandardScaler(), LogisticRegression()
            ),
            COLUMNS["audio"],
        ),
        ("size", make_pipeline(StandardScaler(), LogisticRegression()), ["<i>"]),
    ]


@pytest.fixture(scope="module")
def model(table):
    X, y = table
    return LateFusionClassifier(parts(), cv=3).fit(X[:30], y[:30])


@pytest.fixture(scope="module")
def report(model, table, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    X, y = table
    return make_report(
        model, X[30:], y[30:], path, title=HOSTILE, n_mistakes=4, n_pieces=6
    )


class Tags(HTMLParser):
    """All tags of a page, with their attributes, and whether they are closed."""

    VOID = ("meta", "img", "br", "link", "input")

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.text = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(path):
    return Tags(path.read_text(encoding="utf-8"))


def test_the_page_holds_the_figures(report, model, table):
    X, y = table[0][30:], table[1][30:]
    text = " ".join(read(report).text)
    assert f"{model.score(X, y):.3f}" in text
    n_wrong = int((model.predict(X) != y).sum())
    assert n_wrong >= 4
    assert f"The worst 4 of {n_wrong} mistakes" in text
    for name, column in COLUMNS.items():
        alone = X.copy()
        for other in set(COLUMNS.values()) - {column}:
            alone[other] = None if other != "<i>" else np.nan
        assert f"{model.score(alone, y):.3f}" in text, name
    for percent in ("0%", "25%", "50%", "75%"):
        assert percent in text


def test_the_study_counts_what_is_confused_and_removed(model, table):
    X, y = table[0][30:], table[1][30:]
    rng = np.random.RandomState(0)
    data = study(take_apart(model), X, y, None, 3, 1024, rng)
    predicted = model.predict(X)
    np.testing.assert_array_equal(
        data.confusion, confusion_matrix(y, predicted, labels=data.classes)
    )
    assert data.counts["image"] == 17
    whole, *singles = data.curves
    assert whole.means[0] == pytest.approx(model.score(X, y))
    assert whole.stds[0] == 0
    for curve, (name, (score, _)) in zip(singles, data.singles.items(), strict=True):
        assert curve.name == f"{name} alone"
        assert curve.means[0] == pytest.approx(score)
    chances = model.predict_proba(X)
    true = chances[np.arange(len(y)), np.searchsorted(model.classes_, y)]
    wrong = np.flatnonzero(predicted != y)
    worst = wrong[np.argsort(true[wrong])][:3]
    assert [mistake.row for mistake in data.mistakes] == worst.tolist()
    assert data.mistakes[0].chances["truth"] == pytest.approx(true[worst[0]])


def test_the_curve_falls_to_what_is_reached_with_nothing(models, test):
    X, y = test
    parted = take_apart(models["late"])
    data = study(parted, X, y, None, 0, 1024, np.random.RandomState(0))
    means = data.curves[0].means
    assert (np.diff(means) < 0).all()
    assert data.importance.baseline_score < means[-1]
    assert REMOVED == (0.0, 0.25, 0.5, 0.75)
    places = np.full_like(Game(parted, X, y).rows.places, np.nan)
    assert Game(parted, X, y).score_places(places)[0] == pytest.approx(
        data.importance.baseline_score
    )


def test_nothing_is_fetched_and_nothing_runs(report):
    html = report.read_text(encoding="utf-8")
    tags = read(report)
    assert not tags.open
    names = {tag for tag, _ in tags.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "form", "base"}
    for tag, attributes in tags.tags:
        assert not any(name.startswith("on") for name in attributes), tag
        for name in ("src", "href", "srcset", "poster", "action", "data"):
            if name in attributes:
                assert attributes[name].startswith("data:"), attributes[name][:50]
        assert "url(" not in (attributes.get("style") or "")
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
    assert "url(" not in style and "@import" not in style
    assert not re.search(r"https?:", re.sub(r"base64,[\w+/=]+", "", html))
    policy = next(a["content"] for t, a in tags.tags if "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    assert ("name", "viewport") in {(k, v) for _, a in tags.tags for k, v in a.items()}


def test_hostile_names_and_cells_are_shown_as_they_are(report, table):
    text = "".join(read(report).text)
    assert HOSTILE in text
    for label in set(table[1]):
        assert str(label) in text
    assert "onerror=hacked=1>.png" in text
    assert "<script>hacked=1" in text


def test_mistakes_are_shown_with_picture_sound_and_text(report):
    tags = read(report).tags
    assert sum(tag == "article" for tag, _ in tags) == 4
    sounds = [a["src"] for tag, a in tags if tag == "audio"]
    assert len(sounds) == 4
    assert all(s.startswith(("data:audio/mpeg", "data:audio/wav")) for s in sounds)
    pictures = [a for tag, a in tags if tag == "img"]
    labels = [a["alt"] for a in pictures]
    assert labels.count("the picture") >= 3
    assert labels.count("what mattered in it") >= 6
    assert all(a["src"].startswith("data:image/") for a in pictures)


def test_chromium_lays_the_page_out_on_a_desk_and_on_a_phone(report, tmp_path):
    for width in (1280, 390):
        seen = probe(tmp_path, report, width)
        assert seen["width"] == width
        assert seen["scroll"] <= width
        assert seen["smallest"] >= 12
        assert len(seen["pictures"]) >= 9 and min(seen["pictures"]) > 0
        assert seen["seconds"] == pytest.approx([1.0] * 4, abs=0.1)
        assert not seen["hacked"]
        assert seen["scripts"] == 0


def test_chromium_shows_it_dark_where_that_is_asked_for(report, tmp_path):
    def brightness(color):
        return sum(map(int, re.findall(r"\d+", color)[:3]))

    light, dark = (probe(tmp_path, report, 800, dark=d) for d in (False, True))
    assert brightness(light["ground"]) > 600 > brightness(light["text"])
    assert brightness(dark["ground"]) < 150 < brightness(dark["text"])


def test_chromium_runs_nothing_of_it(report, tmp_path):
    shown = dump(tmp_path, report)
    assert shown.count("<article>") == 4
    assert "<script" not in shown
    assert '<img src="x"' not in shown


def test_media_stop_at_the_limit(model, table, tmp_path):
    X, y = table[0][30:], table[1][30:]
    path = make_report(
        model, X, y, tmp_path / "r.html", n_mistakes=5, n_pieces=0, max_bytes=30_000
    )
    tags = read(path)
    media = [a["src"] for t, a in tags.tags if t in ("img", "audio")]
    assert 0 < sum(map(len, media)) <= 30_000
    assert "Left out: the page has reached its limit" in " ".join(tags.text)


def test_mistakes_may_be_left_unexplained_or_out(model, table, tmp_path):
    X, y = table[0][30:], table[1][30:]
    path = make_report(model, X, y, tmp_path / "r.html", n_mistakes=2, n_pieces=0)
    labels = [a["alt"] for t, a in read(path).tags if t == "img"]
    assert set(labels) == {"the picture"}
    path = make_report(model, X, y, tmp_path / "r.html", n_mistakes=0)
    assert "mistakes</h2>" not in path.read_text(encoding="utf-8")


def test_equal_calls_write_equal_pages(models, test, tmp_path):
    pages = [
        make_report(models["early"], *test, tmp_path / "r.html").read_bytes()
        for _ in range(2)
    ]
    assert pages[0] == pages[1]


def test_a_model_without_mistakes(tmp_path):
    X = pd.DataFrame({"word": ["cup", "hat"] * 10})
    y = ["cup", "hat"] * 10
    model = make_multimodal_pipeline(text="word", fusion="late", random_state=0)
    path = make_report(model.fit(X, y), X, y, tmp_path / "r.html")
    text = " ".join(read(path).text)
    assert "There are none in these rows." in text
    assert "1.000" in text


def test_a_regressor_shows_its_greatest_errors(models, test, tmp_path):
    X, y = test
    codes = np.unique(y, return_inverse=True)[1].astype(float)
    path = make_report(models["regressor"], X, codes, tmp_path / "r.html")
    tags = read(path)
    text = " ".join(tags.text)
    assert "R²" in text and "The worst mistakes" in text
    assert sum(tag == "circle" for tag, _ in tags.tags) > 100
    errors = abs(models["regressor"].predict(X) - codes)
    assert f"row {errors.argmax()}" in text


def test_classes_that_the_model_never_saw(models, test, tmp_path):
    X, y = test
    y = y.astype(object)
    y[:3] = "dog"
    text = " ".join(read(make_report(models["late"], X, y, tmp_path / "r.html")).text)
    assert "dog" in text
    with pytest.raises(ValueError, match="y holds 1, but the model's classes are like"):
        make_report(models["late"], X, np.ones(len(y), dtype=int), tmp_path / "r.html")


def test_many_classes_are_listed_by_their_confusions(tmp_path):
    rng = np.random.default_rng(0)
    y = np.repeat([f"class {i}" for i in range(40)], 4)
    X = pd.DataFrame({"a": np.repeat(np.arange(40.0), 4) + rng.normal(size=160)})
    model = make_pipeline(
        EarlyFusion([("a", StandardScaler(), ["a"])]), LinearSVC(max_iter=20000)
    ).fit(X, y)
    text = " ".join(read(make_report(model, X, y, tmp_path / "r.html")).text)
    assert "40 classes are too many to show all" in text
    assert re.search(r"class \d+\s+→\s+class \d+", text)


def test_another_score_and_a_search(train, test, tmp_path):
    model = GridSearchCV(
        late_of_numbers(), {"method": ["mean"]}, cv=2, scoring="neg_log_loss"
    ).fit(*train)
    path = make_report(model, *test, tmp_path / "r.html", n_mistakes=1)
    text = " ".join(read(path).text)
    assert f"{model.score(*test):.3f}" in text and "log loss" in text
    path = make_report(
        model, *test, tmp_path / "r.html", n_mistakes=1, scoring="f1_macro"
    )
    assert "f1 macro" in " ".join(read(path).text)


def test_a_model_that_only_names_a_class(train, test, tmp_path):
    X, y = train
    scaled = make_pipeline(
        EarlyFusion([("a", StandardScaler(), [0])]), DummyClassifier()
    )
    numbers = np.arange(len(y), dtype=float)[:, None]
    path = make_report(scaled.fit(numbers, y), numbers, y, tmp_path / "r.html")
    assert "The worst 9 of" in " ".join(read(path).text)


def test_regressors_of_texts(tmp_path):
    X = pd.DataFrame({"word": ["one", "two", "three", "one two"] * 5})
    y = [1.0, 2.0, 3.0, 1.5] * 5
    model = LateFusionRegressor(
        [("word", make_pipeline(TfidfVectorizer(), Ridge()), "word")]
    ).fit(X, y)
    path = make_report(model, X, y, tmp_path / "r.html", n_mistakes=2)
    assert "background:rgba(" in path.read_text(encoding="utf-8")


def test_an_older_page_stands_after_an_error(model, table, tmp_path):
    path = tmp_path / "r.html"
    path.write_text("old")
    X, y = table[0][30:].copy(), table[1][30:]
    X.iloc[0, 1] = "none.png"
    with pytest.raises(Exception, match="none.png"):
        make_report(model, X, y, path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]
    with pytest.raises(FileNotFoundError, match="Make it first"):
        make_report(model, X, y, tmp_path / "none" / "r.html")


@pytest.mark.parametrize("as_list", [False, True])
def test_tables_without_names(tmp_path, as_list):
    X = np.array([["cup", 1.0], ["hat", 2.0], [None, 3.0]] * 6, dtype=object)
    y = ["cup", "hat", "cap"] * 5 + ["hat", "cap", "cup"]
    numbers = make_pipeline(StandardScaler(), LogisticRegression())
    model = LateFusionClassifier(
        [
            ("word", make_pipeline(TfidfVectorizer(), LogisticRegression()), 0),
            ("number", numbers, [1]),
        ],
        cv=3,
    ).fit(X, y)
    path = make_report(model, X.tolist() if as_list else X, y, tmp_path / "r.html")
    text = " ".join(read(path).text)
    assert "hat" in text and "missing" in text


def test_an_invalid_item_is_told_of_on_its_card_and_warned_of_once(
    model, table, tmp_path
):
    X, y = table[0][30:].reset_index(drop=True), table[1][30:].copy()
    tolerant = clone(model).set_params(
        **{"image__hog__invalid": "missing"},
    )
    tolerant.fit(table[0][:30], table[1][:30])
    X.loc[2, COLUMNS["image"]] = str(tmp_path / "<b>none.png")
    classes = tolerant.classes_
    y[2] = classes[(list(classes).index(tolerant.predict(X[3:4])[0]) + 1) % 3]
    with pytest.warns(InvalidItemWarning) as caught:
        path = make_report(tolerant, X, y, tmp_path / "r.html", n_mistakes=18)
    assert len(caught) == 1
    text = " ".join(read(path).text)
    assert "<b>none.png" in text


def test_one_modality_alone(tmp_path, train, test):
    X, y = train
    parts = [part for part in late_of_numbers().parts if part[0] == "strong"]
    model = LateFusionClassifier(parts).fit(X, y)
    text = " ".join(read(make_report(model, *test, tmp_path / "r.html")).text)
    assert "strong" in text and "all together" in text


def test_words_of_a_heading_stay_whole_beside_long_labels(report, tmp_path):
    """A heading is two lines high at the most."""
    page = tmp_path / "r.html"
    page.write_text(
        report.read_text(encoding="utf-8").replace("<details>", "<details open>"),
        encoding="utf-8",
    )
    for width in (1280, 390):
        heights = probe(tmp_path, page, width)["headings"]
        assert len(heights) > 8
        assert max(heights) < 60
