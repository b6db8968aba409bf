"""CrossModalMatcher on rows whose modalities belong together, and on shuffled ones."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline

from mmclassic import make_multimodal_pipeline
from mmclassic.encoding import StatisticsPooling
from mmclassic.image import ColorHistogram
from mmclassic.inspection import modality_contributions
from mmclassic.retrieval import CrossModalMatcher
from mmclassic.text import TfidfVectorizer

COLORS = {"red": (250, 30, 20), "green": (20, 230, 40), "blue": (30, 40, 240)}
N, N_BLOCKS = 120, 6


def make(**parameters):
    vectors = StatisticsPooling("precomputed", statistics=("mean",))
    parts = [("photo", vectors, "photo"), ("words", vectors, "words")]
    return CrossModalMatcher(
        parts, **{"shrinkage": 0.1, "n_components": 4, **parameters}
    )


def shuffled(frame, rng):
    """Return rows that belong together, and once more with another's words."""
    at = np.arange(len(frame))
    others = (at + rng.integers(1, len(frame))) % len(frame)
    false = frame.assign(words=[frame["words"].iloc[i] for i in others])
    pairs = pd.concat([frame, false], ignore_index=True)
    return pairs, np.repeat([1, 0], len(frame))


def views(n, noise=0.1, seed=0):
    """Return two views of four hidden numbers."""
    rng = np.random.default_rng(0)
    maps = rng.standard_normal((4, 9)), rng.standard_normal((4, 7))
    rng = np.random.default_rng(seed)
    hidden = rng.standard_normal((n, 4))
    photo, words = (
        hidden @ each + noise * rng.standard_normal((n, each.shape[1])) for each in maps
    )
    return pd.DataFrame({"photo": list(photo), "words": list(words)})


@pytest.fixture(scope="module")
def pairs():
    return shuffled(views(N), np.random.default_rng(1))


def test_it_tells_pairs_from_shuffled_ones(pairs):
    model = make_pipeline(make(), LogisticRegression()).fit(*pairs)
    asked, truth = shuffled(views(200, seed=5), np.random.default_rng(2))
    assert model.score(asked, truth) > 0.9


def test_of_views_that_share_nothing_it_learns_nothing():
    frame = views(N)
    frame["words"] = list(views(N, seed=3)["words"])
    model = make_pipeline(make(), LogisticRegression())
    model.fit(*shuffled(frame, np.random.default_rng(1)))
    other = views(200, seed=5).assign(words=list(views(200, seed=6)["words"]))
    asked = shuffled(other, np.random.default_rng(2))
    assert 0.4 < model.score(*asked) < 0.6
    # What it says of its own rows is as modest: none was in the space it is seen in.
    X, y = shuffled(frame, np.random.default_rng(1))
    own = make().fit_transform(X, y)
    assert LogisticRegression().fit(own, y).score(own, y) < 0.65


def test_a_cross_validation_takes_it_with_shuffles_inside_each_group():
    frame = views(N)
    tables, targets, groups = [], [], []
    for block in range(N_BLOCKS):
        own = frame.iloc[block::N_BLOCKS]
        X, y = shuffled(own, np.random.default_rng(block))
        tables.append(X)
        targets.append(y)
        groups.append(np.full(len(y), block))
    model = make_pipeline(make(), LogisticRegression())
    scores = cross_val_score(
        model,
        pd.concat(tables, ignore_index=True),
        np.concatenate(targets),
        groups=np.concatenate(groups),
        cv=GroupKFold(3),
    )
    assert scores.min() > 0.9


def test_groups_are_left_out_together(pairs):
    X, y = pairs
    groups = np.tile(np.arange(N) % 2, 2)
    with pytest.raises(ValueError, match="Give more rows, of other items, or fewer"):
        make().fit(X, y, groups=groups)
    groups = np.tile(np.arange(N) % 40, 2)
    model = make_pipeline(make(), LogisticRegression())
    model.fit(X, y, crossmodalmatcher__groups=groups)
    assert model.score(X, y) > 0.9


def test_several_texts_of_one_picture_are_left_out_together():
    # Each picture occurs with two texts; were one in the space that the other is
    # compared in, these noisy rows would seem to agree.
    frame = views(40, noise=3.0)
    twice = pd.concat([frame, frame.assign(words=list(views(40, 3.0, 9)["words"]))])
    false = twice.assign(words=[*twice["words"].iloc[3:], *twice["words"].iloc[:3]])
    X = pd.concat([twice, false], ignore_index=True)
    y = np.repeat([1, 0], 80)
    found = make(shrinkage=0.0).fit_transform(X, y)[:, 0]
    assert abs(found[y == 1].mean() - found[y == 0].mean()) < 0.5


def test_y_may_say_in_any_way_what_belongs_together(pairs):
    X, y = pairs
    expected = make().fit_transform(X, y)
    named = np.where(y == 1, "same", "other")
    found = make(pos_label="same").fit_transform(X, named)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(make().fit_transform(X, y == 1), expected)
    with pytest.raises(ValueError, match="those of y == 2, and needs two at least"):
        make(pos_label=2).fit(X, y)


def test_a_column_of_y_is_taken_with_a_warning(pairs):
    X, y = pairs
    expected = make().fit_transform(X, y)
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        found = make().fit_transform(X, y[:, np.newaxis])
    np.testing.assert_array_equal(found, expected)


def test_without_y_every_row_belongs_together(pairs):
    X = pairs[0][:N]
    matcher = make().fit(X)
    ones = make().fit(X, np.ones(N))
    np.testing.assert_array_equal(matcher.transform(X), ones.transform(X))


def test_a_row_that_lacks_a_modality_is_as_the_mean(pairs):
    X, y = pairs
    lacking = X.astype(object)
    lacking.loc[[0, 5], "words"] = None
    lacking.loc[[7], ["photo", "words"]] = None
    matcher = make()
    fitted = matcher.fit_transform(lacking, y)
    given = matcher.transform(lacking)
    for rows in (fitted, given):
        assert (rows[[0, 5, 7]] == 0).all()
        assert np.isfinite(rows).all()
        assert (rows[8] != 0).any()
    assert matcher.modality_counts_ == {"photo": 2 * N - 1, "words": 2 * N - 3}


def test_equal_cells_are_described_once():
    seen = []

    class Counting(TfidfVectorizer):
        def fit_transform(self, raw_documents, y=None):
            seen.extend(raw_documents)
            return super().fit_transform(raw_documents, y)

    names = [*COLORS] * 8
    texts = [f"a {name} thing {i}" for i, name in enumerate(names)]
    frame = pd.DataFrame({"a": texts, "b": texts})
    X = pd.concat([frame, frame.assign(b=texts[1:] + texts[:1])], ignore_index=True)
    parts = [("a", Counting(), "a"), ("b", TfidfVectorizer(), "b")]
    CrossModalMatcher(parts).fit(X, np.repeat([1, 0], 24))
    assert seen == texts


def test_three_modalities_are_compared_two_by_two(pairs):
    X, y = pairs
    frame = X.assign(again=X["photo"])
    matcher = make()
    matcher.parts = [*matcher.parts, ("again", matcher.parts[0][1], "again")]
    found = matcher.fit_transform(frame, y)
    names = list(matcher.get_feature_names_out())
    assert found.shape[1] == len(names) == 21
    assert [n for n in names if n.endswith("similarity")] == [
        "photo__words__similarity",
        "photo__again__similarity",
        "words__again__similarity",
    ]


@pytest.fixture(scope="module")
def drawn():
    """Return squares of a colour with a text that names it, and with another's."""
    rng = np.random.default_rng(0)
    names = np.array([*COLORS])[np.arange(60) % 3]
    pictures = [
        np.clip(rng.normal(COLORS[name], 20, (16, 16, 3)), 0, 255).astype(np.uint8)
        for name in names
    ]
    texts = [
        f"{name} square of {word}"
        for name, word in zip(names, "abcde" * 12, strict=True)
    ]
    true = pd.DataFrame({"picture": pictures, "name": texts})
    false = true.assign(name=texts[1:] + texts[:1])
    return pd.concat([true, false], ignore_index=True), np.repeat([1, 0], 60)


def test_make_multimodal_pipeline_takes_it_as_a_fusion(drawn):
    X, y = drawn
    model = make_multimodal_pipeline(
        text="name",
        image="picture",
        fusion=CrossModalMatcher([]),
        classifier=LogisticRegression(),
        random_state=0,
    )
    model.set_params(fusion__image=ColorHistogram(n_bins=3))
    assert model.fit(X, y).score(X, y) > 0.8
    assert [name for name, _ in model.steps] == ["fusion", "classifier"]
    split = modality_contributions(model, X[:5])
    assert split.names == ["text", "image"]
    np.testing.assert_allclose(
        split.baseline + split.contributions.sum(axis=1), split.answer
    )


def test_one_part_alone_is_refused_by_name(drawn):
    X, y = drawn
    matcher = CrossModalMatcher([("text", TfidfVectorizer(), "name")])
    with pytest.raises(ValueError, match="Got only 'text'"):
        matcher.fit(X, y)
