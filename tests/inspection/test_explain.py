"""explain_row: planted words, regions and moments are found, and terms are exact."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from mmclassic.audio import MFCC
from mmclassic.cache import FeatureCache
from mmclassic.encoding import StatisticsPooling
from mmclassic.exceptions import MediaError
from mmclassic.fusion import EarlyFusion, LateFusionClassifier, LateFusionRegressor
from mmclassic.image import HOG
from mmclassic.inspection import explain_row, modality_contributions
from mmclassic.text import TfidfVectorizer

RATE = 8000


def striped(y, rng):
    """Return a grey picture of noise, with stripes of either direction at one place."""
    picture = rng.integers(110, 140, (64, 96)).astype(np.uint8)
    stripes = np.where(np.arange(24) % 8 < 4, 30, 220).astype(np.uint8)
    patch = np.tile(stripes, (24, 1))
    picture[8:32, 64:88] = patch.T if y else patch
    return picture


def toned(y, rng):
    """Return a second of noise, with a tone of either pitch for a while."""
    sound = 0.05 * rng.normal(size=RATE).astype(np.float32)
    times = np.arange(RATE // 4) / RATE
    sound[RATE // 2 : RATE // 2 + len(times)] += 0.5 * np.sin(
        2 * np.pi * (2500 if y else 500) * times
    ).astype(np.float32)
    return sound


def worded(y, rng):
    words = list(rng.choice(["the", "small", "thing", "here", "lies"], 4))
    words.insert(2, "Kettle" if y else "cup,")
    return " ".join(words)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = pd.DataFrame(
        {
            "text": [worded(k, rng) for k in y],
            "image": [striped(k, rng) for k in y],
            "audio": [toned(k, rng) for k in y],
            "size": y + 0.1 * rng.normal(size=40),
            "age": rng.normal(size=40),
        }
    )
    return X, np.array(["cup", "kettle"])[y]


def describers():
    return {
        "text": TfidfVectorizer(ngram_range=(1, 2)),
        "image": HOG((64, 96), pixels_per_cell=(8, 8)),
        "audio": StatisticsPooling(MFCC(RATE)),
        "numbers": make_pipeline(StandardScaler(), SimpleImputer()),
    }


def scaler():
    return StandardScaler(with_mean=False)


COLUMNS = {"text": "text", "image": "image", "audio": "audio"} | {
    "numbers": ["size", "age"]
}


@pytest.fixture(scope="module")
def late(table):
    parts = [
        (n, make_pipeline(d, scaler(), LogisticRegression()), COLUMNS[n])
        for n, d in describers().items()
    ]
    return LateFusionClassifier(parts, cv=3).fit(*table)


@pytest.fixture(scope="module")
def early(table):
    parts = [(n, d, COLUMNS[n]) for n, d in describers().items()]
    return make_pipeline(EarlyFusion(parts), LinearSVC()).fit(*table)


@pytest.fixture(scope="module", params=["late", "early"])
def explained(request, table):
    model = request.getfixturevalue(request.param)
    return explain_row(model, table[0], 5, n_pieces=60)


def test_the_planted_word_matters_most(explained):
    part = explained.parts["text"]
    assert part.kind == "text"
    assert part.labels[np.argmax(part.effects)] == "Kettle"
    assert part.effects.max() > 0


def test_the_planted_region_matters_most(explained):
    part = explained.parts["image"]
    heat = part.heat()
    assert heat.shape == (64, 96)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert 8 <= row < 32 and 64 <= column < 88
    inside = heat[8:32, 64:88].mean()
    elsewhere = np.delete(heat, np.s_[56:96], axis=1).mean()
    assert inside > 4 * abs(elsewhere)


@pytest.mark.parametrize("row", [4, 5])
def test_the_planted_moment_matters_most(early, table, row):
    part = explain_row(early, table[0], row, n_pieces=30).parts["audio"]
    heat = part.heat()
    assert heat.shape == (RATE,)
    assert 0.5 <= heat.argmax() / RATE <= 0.75
    start, stop = part.pieces[np.argmax(part.effects)]
    assert 0.45 <= start < stop <= 0.8
    inside, outside = heat[RATE // 2 : 3 * RATE // 4], heat[: RATE // 2]
    assert inside.mean() > 2 * abs(outside.mean())
    drawn = part.draw()
    redness = drawn[..., 0].astype(int) - drawn[..., 2]
    assert 0.45 < redness.max(axis=0).argmax() / drawn.shape[1] < 0.8


def test_the_planted_column_matters_most(explained):
    part = explained.parts["numbers"]
    assert part.kind == "values"
    assert part.labels == ["size", "age"]
    assert part.effects[0] > abs(part.effects[1])


def test_the_answer_is_split_among_modalities_as_elsewhere(table, late, early):
    for model in (late, early):
        explained = explain_row(model, table[0], 5, n_pieces=2)
        split = modality_contributions(model, table[0].iloc[[5]])
        np.testing.assert_allclose(
            list(explained.contributions.values()), split.contributions[0]
        )
        assert explained.target == "kettle"
        assert explained.answer == pytest.approx(
            explained.baseline + sum(explained.contributions.values())
        )


def test_drawings_show_red_where_it_speaks_for_the_target(explained):
    drawn = explained.parts["image"].draw()
    assert drawn.dtype == np.uint8
    height, width = drawn.shape[:2]
    assert max(height, width) >= 320
    redness = drawn[..., 0].astype(int) - drawn[..., 2]
    scale = width / 96
    place = np.unravel_index(redness.argmax(), redness.shape)
    assert 4 * scale <= place[0] <= 36 * scale
    assert 60 * scale <= place[1] <= 92 * scale
    for name in ("text", "numbers"):
        with pytest.raises(ValueError, match="is no picture and no sound"):
            explained.parts[name].draw()


def test_the_other_class_has_the_opposite_sign(table, early):
    for_it = explain_row(early, table[0], 5, target="kettle", n_pieces=12)
    against = explain_row(early, table[0], 5, target="cup", n_pieces=12)
    for name in for_it.parts:
        np.testing.assert_allclose(
            for_it.parts[name].effects, -against.parts[name].effects, atol=1e-9
        )


def test_terms_of_early_fusion_sum_to_the_score(table, early):
    explained = explain_row(early, table[0], 5, n_pieces=1)
    terms = sum(sum(part.terms.values()) for part in explained.parts.values())
    score = early.decision_function(table[0].iloc[[5]])[0]
    assert terms + early[-1].intercept_[0] == pytest.approx(score)
    names = explained.parts["text"].terms
    assert max(names, key=names.get) == "text__kettle"


@pytest.mark.parametrize(
    "params", [{"method": "sum"}, {"method": "bilinear"}, {"projection": "cca"}]
)
def test_blocks_that_are_mixed_have_no_terms(table, params):
    parts = [(n, d, COLUMNS[n]) for n, d in describers().items() if n != "audio"]
    fusion = EarlyFusion(parts, n_components=2, random_state=0, **params)
    model = make_pipeline(fusion, LogisticRegression()).fit(*table)
    explained = explain_row(model, table[0], 5, n_pieces=9)
    assert all(part.terms is None for part in explained.parts.values())
    assert len(explained.parts["text"].effects) == 5
    assert (explained.parts["image"].effects != 0).any()


@pytest.mark.parametrize("row", [4, 5])
def test_terms_of_a_part_sum_to_its_score(table, row):
    X, y = table
    words = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2))),
            ("pieces", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4))),
        ]
    )
    parts = [
        ("text", make_pipeline(words, LinearSVC()), "text"),
        ("numbers", make_pipeline(StandardScaler(), GaussianNB()), ["size", "age"]),
    ]
    model = LateFusionClassifier(parts, cv=3).fit(X, y)
    explained = explain_row(model, X, row)
    part = explained.parts["text"]
    svm = model.parts_[0][1]
    sign = 1 if explained.target == "kettle" else -1
    score = sign * svm.decision_function(X["text"].iloc[[row]])[0]
    intercept = sign * svm[-1].intercept_[0]
    assert sum(part.terms.values()) + intercept == pytest.approx(score)
    assert explained.parts["numbers"].terms is None
    # All but the pieces of words that are punctuation only.
    assert part.effects.sum() == pytest.approx(sum(part.terms.values()), abs=0.05)
    assert part.labels[np.argmax(part.effects)] in ("Kettle", "cup")


def test_terms_of_regressors(table):
    X, y = table
    codes = (y == "kettle").astype(float)
    late = LateFusionRegressor(
        [
            ("text", make_pipeline(TfidfVectorizer(), Ridge()), "text"),
            ("numbers", make_pipeline(StandardScaler(), Ridge()), ["size", "age"]),
        ]
    ).fit(X, codes)
    early = make_pipeline(
        EarlyFusion(
            [
                ("text", TfidfVectorizer(), "text"),
                ("numbers", StandardScaler(), ["size", "age"]),
            ],
            missing="indicator",
        ),
        Ridge(),
    ).fit(X, codes)
    explained = explain_row(late, X, 3)
    assert explained.output == "value" and explained.target is None
    words = late.parts_[0][1]
    terms = sum(explained.parts["text"].terms.values())
    assert terms + words[-1].intercept_ == pytest.approx(
        words.predict(X["text"].iloc[[3]])[0]
    )
    explained = explain_row(early, X, 3)
    terms = sum(sum(part.terms.values()) for part in explained.parts.values())
    assert terms + early[-1].intercept_ == pytest.approx(early.predict(X.iloc[[3]])[0])


@pytest.mark.parametrize(
    "vectorizer",
    [
        TfidfVectorizer(),
        TfidfVectorizer(ngram_range=(1, 3), stop_words=["the"]),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)),
        TfidfVectorizer(analyzer="char", ngram_range=(2, 3)),
        TfidfVectorizer(token_pattern=r"(?u)\b\w+\b"),
    ],
)
def test_every_term_is_found_in_its_text(vectorizer):
    from mmclassic.inspection._word_terms import _occurrences

    texts = ["The red-hot kettle, the KETTLE's lid; a b.", "a", "a red red red cup"]
    vectorizer.fit(texts)
    for text in texts:
        found = _occurrences(text, vectorizer)
        terms = vectorizer.build_analyzer()(text)
        assert {t: terms.count(t) for t in terms} == {
            t: len(spans) for t, spans in found.items()
        }
        shown = text.lower()
        for term, spans in found.items():
            for start, stop in spans:
                words = term.split(" ")
                assert shown[start:stop].strip().startswith(words[0] or words[-1])


def test_chinese_texts_are_taken_apart():
    pytest.importorskip("jieba")
    from mmclassic.text import chinese_tokenizer

    X = pd.DataFrame({"text": ["红色的水壶", "蓝色的杯子"] * 6})
    y = ["kettle", "cup"] * 6
    words = TfidfVectorizer(tokenizer=chinese_tokenizer, token_pattern=None)
    model = LateFusionClassifier(
        [("text", make_pipeline(words, LogisticRegression()), "text")], cv=3
    ).fit(X, y)
    part = explain_row(model, X, 0).parts["text"]
    assert "".join(part.labels) == "红色的水壶"
    assert part.effects[3] > 0 and part.effects[4] > 0


def test_a_text_by_other_models_is_asked_word_by_word(table):
    X, y = table
    dense = FunctionTransformer(lambda Z: Z.toarray())
    model = LateFusionClassifier(
        [("text", make_pipeline(TfidfVectorizer(), dense, GaussianNB()), "text")],
        method="mean",
        weights=None,
    ).fit(X, y)
    part = explain_row(model, X, 5, output="probability").parts["text"]
    assert part.terms is None
    chances = model.predict_proba(X.iloc[[5]])[0, 1]
    for (start, stop), effect in zip(part.pieces, part.effects, strict=True):
        text = X["text"][5]
        left = " ".join((text[:start] + text[stop:]).split())
        without = model.predict_proba(pd.DataFrame({"text": [left]}))[0, 1]
        assert effect == pytest.approx(chances - without)


def test_long_texts_are_explained_in_runs_of_words(late, table):
    X, y = table
    dense = FunctionTransformer(lambda Z: Z.toarray())
    model = LateFusionClassifier(
        [("text", make_pipeline(TfidfVectorizer(), dense, GaussianNB()), "text")],
        weights=None,
    ).fit(X, y)
    long = X.iloc[[5]].assign(text="the Kettle lies here. " * 50)
    part = explain_row(model, long, n_pieces=20).parts["text"]
    assert len(part.pieces) == 20
    assert all("Kettle" in label for label in part.labels)
    # Where terms are known, each word has its own share.
    part = explain_row(late, long, n_pieces=20).parts["text"]
    assert len(part.pieces) == 200
    assert np.flatnonzero(part.effects > 0.9 * part.effects.max()).tolist() == [
        *range(1, 200, 4)
    ]


def test_missing_modalities_have_no_part(late, table):
    X = table[0].copy()
    X.loc[5, "image"] = None
    X.loc[5, ["size", "age"]] = np.nan
    explained = explain_row(late, X, 5, n_pieces=4)
    assert list(explained.parts) == ["text", "audio"]
    assert explained.contributions["image"] == 0
    nothing = pd.DataFrame(
        {c: [None] for c in ("text", "image", "audio", "size", "age")}
    )
    explained = explain_row(late, nothing)
    assert explained.parts == {}
    assert explained.answer == explained.baseline


def test_columns_that_can_not_be_emptied_have_no_effects(table):
    X, y = table
    scaled = make_pipeline(StandardScaler(), LogisticRegression())
    model = LateFusionClassifier([("numbers", scaled, ["size", "age"])], cv=3)
    part = explain_row(model.fit(X, y), X, 5).parts["numbers"]
    assert part.labels == [] and len(part.effects) == 0
    assert list(part.terms) == ["size", "age"]


def test_only_some_modalities_on_request(late, table):
    explained = explain_row(late, table[0], 3, modalities=["text"])
    assert list(explained.parts) == ["text"]
    assert list(explained.contributions) == list(COLUMNS)
    with pytest.raises(ValueError, match="'video' is no modality"):
        explain_row(late, table[0], 3, modalities=["video"])


def test_other_tables_give_the_same(table):
    X, y = table
    parts = [
        ("text", make_pipeline(TfidfVectorizer(), SVC()), 0),
        ("numbers", make_pipeline(StandardScaler(), SimpleImputer(), SVC()), [3, 4]),
    ]
    model = LateFusionClassifier(parts, cv=3).fit(X.to_numpy(), y)
    part = explain_row(model, X.to_numpy(), 5).parts["numbers"]
    assert part.labels == ["column 3", "column 4"]
    named = [(n, p, c) for (n, p, _), c in zip(parts, COLUMNS.values(), strict=False)]
    named[1] = ("numbers", parts[1][1], ["size", "age"])
    model = LateFusionClassifier(named, cv=3).fit(X, y)
    framed = explain_row(model, X, 5).parts["numbers"]
    np.testing.assert_allclose(part.effects, framed.effects)
    polars = pytest.importorskip("polars").DataFrame(
        {c: X[c].to_list() for c in ("text", "size", "age")}
    )
    model = LateFusionClassifier(named, cv=3).fit(polars, y)
    again = explain_row(model, polars, 5).parts["numbers"]
    np.testing.assert_allclose(again.effects, framed.effects)


def test_blank_pictures_silent_clips_and_empty_texts(late, table):
    X = table[0].iloc[[5]].copy()
    X["text"] = " "
    X.at[5, "image"] = np.zeros((64, 96, 4), dtype=np.uint8)
    X.at[5, "audio"] = np.zeros(1000, dtype=np.float32)
    explained = explain_row(late, X, n_pieces=9)
    assert explained.parts["text"].labels == []
    assert explained.parts["image"].pieces == []
    assert explained.parts["image"].draw().min() == 255
    assert explained.parts["audio"].draw().shape[2] == 3
    assert "<img" in explained._repr_html_()


def test_an_invalid_item_names_its_row(late, table):
    X = table[0].copy()
    X["image"] = X["image"].astype(object)
    X.at[7, "image"] = "none.png"
    with pytest.raises(MediaError, match=r"Row 7 \('none.png'\)"):
        explain_row(late, X, 7)


def test_a_row_that_is_not_there(late, table):
    with pytest.raises(ValueError, match="X has 40 rows; there is no row 40"):
        explain_row(late, table[0], 40)
    with pytest.raises(ValueError, match="'row' parameter"):
        explain_row(late, table[0], -1)


def test_a_notebook_shows_words_pictures_and_moments(explained):
    shown = explained._repr_html_()
    assert shown.count("src='data:image/") == 2
    assert ">Kettle</span>" in shown
    assert "size" in shown
    assert "<script" not in shown


def test_it_names_itself_in_a_few_words(explained):
    told = repr(explained)
    assert told.startswith("RowExplanation(row=")
    assert "PartExplanation(name='text', kind='text')" in told
    assert len(told) < 1000


def test_hostile_text_is_escaped_in_a_notebook(late, table):
    X = table[0].iloc[[5]].copy()
    X["text"] = "<script>alert('Kettle')</script> <img src=x onerror=alert(1)>"
    shown = explain_row(late, X, n_pieces=4)._repr_html_()
    assert "<script" not in shown
    assert "<img src=x" not in shown
    assert "&lt;" in shown


def test_pictures_without_a_piece_are_not_kept_in_the_cache(table, tmp_path):
    X, y = table
    hog = HOG((64, 96), pixels_per_cell=(8, 8), cache=tmp_path)
    model = make_pipeline(
        EarlyFusion([("image", hog, "image")]), LinearSVC(random_state=0)
    )
    model.fit(X, y)
    before = FeatureCache(tmp_path).info()["entries"]
    assert before == 40
    plain = make_pipeline(
        EarlyFusion([("image", clone(hog).set_params(cache=None), "image")]),
        LinearSVC(random_state=0),
    ).fit(X, y)
    cached, expected = (
        explain_row(m, X, 5, n_pieces=9).parts["image"].effects for m in (model, plain)
    )
    np.testing.assert_array_equal(cached, expected)
    assert FeatureCache(tmp_path).info()["entries"] == before
    assert model[0].parts_[0][1].cache == tmp_path
