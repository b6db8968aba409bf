"""modality_importance: the axioms, the definition, and what was planted."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mmclassic import make_multimodal_pipeline
from mmclassic.datasets import make_multimodal
from mmclassic.exceptions import InvalidItemWarning
from mmclassic.fusion import EarlyFusion, LateFusionClassifier
from mmclassic.inspection import modality_contributions, modality_importance
from mmclassic.inspection._game import Game
from mmclassic.inspection._shapley import shapley_coalitions
from mmclassic.inspection._take_apart import take_apart
from tests.inspection.conftest import COLUMNS, KINDS, Stack, early, late
from tests.inspection.reference import shapley, without


def truth(y, kind):
    if kind == "regressor":
        return np.unique(y, return_inverse=True)[1].astype(float)
    return y


@pytest.mark.parametrize("kind", KINDS)
def test_shapley_values_are_those_of_the_definition(models, test, kind):
    X, y = test
    y = truth(y, kind)
    model = models[kind]

    def value(members):
        return model.score(without(X, set(COLUMNS) - members), y)

    result = modality_importance(model, X, y, random_state=0)
    expected = shapley(value, COLUMNS)
    np.testing.assert_allclose(result.importances_mean, expected, atol=1e-12)
    assert result.score == pytest.approx(model.score(X, y))
    for size in range(4):
        for members in combinations(COLUMNS, size):
            assert result.coalition_scores[members] == pytest.approx(
                value(set(members))
            )
    assert len(result.coalition_scores) == 8
    gain = result.score - result.baseline_score
    assert result.importances_mean.sum() == pytest.approx(gain)


@pytest.mark.parametrize("kind", KINDS)
def test_dropping_one_is_the_loss_without_its_column(models, test, kind):
    X, y = test
    y = truth(y, kind)
    model = models[kind]
    result = modality_importance(model, X, y, method="drop", random_state=0)
    losses = [model.score(X, y) - model.score(without(X, [c]), y) for c in COLUMNS]
    np.testing.assert_allclose(result.importances_mean, losses, atol=1e-12)


@pytest.mark.parametrize("kind", ["late", "early", "regressor"])
def test_permuting_is_the_loss_with_a_shuffled_column(models, test, kind):
    X, y = test
    y = truth(y, kind)
    model = models[kind]
    result = modality_importance(
        model, X, y, method="permutation", n_repeats=3, random_state=5
    )
    rng = np.random.RandomState(5)
    for k, column in enumerate(COLUMNS):
        for repeat in range(3):
            shuffled = X.copy()
            cells = X[column].to_numpy()[rng.permutation(len(X))]
            shuffled[column] = pd.Series(cells, index=X.index)
            loss = model.score(X, y) - model.score(shuffled, y)
            assert result.importances[k, repeat] == pytest.approx(loss)
    np.testing.assert_array_equal(
        result.importances_mean, result.importances.mean(axis=1)
    )
    assert np.isnan(result.baseline_score)


@pytest.mark.parametrize("method", ["shapley", "permutation", "drop"])
@pytest.mark.parametrize("kind", ["late", "early"])
def test_importance_ranks_what_was_planted(models, test, method, kind):
    result = modality_importance(models[kind], *test, method=method, random_state=0)
    strong, weak, noise = result.importances_mean
    assert strong > weak + 0.05
    assert strong > 0.2
    assert abs(noise) < 0.04
    assert (result.importances_std > 0).any()
    assert result.names == list(COLUMNS)


@pytest.mark.parametrize("method", ["product", "mean", "max", "stacking"])
def test_duplicated_modalities_share_alike(train, test, method):
    X, y = train
    model = LateFusionClassifier(
        [
            ("one", make_pipeline(Stack(), LogisticRegression()), "strong"),
            ("two", make_pipeline(Stack(), LogisticRegression()), "strong"),
            ("weak", make_pipeline(Stack(), LogisticRegression()), "weak"),
        ],
        method=method,
        weights=None,
    ).fit(X, y)
    one, two, weak = modality_importance(model, *test, random_state=0).importances_mean
    assert one == pytest.approx(two)
    assert one > weak > 0


def test_a_dummy_modality_has_no_share(train, test):
    model = early(weights={"noise": 0.0}).fit(*train)
    for method in ("shapley", "drop", "permutation"):
        result = modality_importance(model, *test, method=method, random_state=0)
        assert abs(result.importances[2]).max() < 1e-12
        assert abs(result.importances_mean[2]) < 1e-12


def test_modalities_of_one_column_are_told_apart(train, test):
    X, y = train
    model = make_pipeline(
        EarlyFusion(
            [
                ("whole", Stack(), "strong"),
                ("dull", FunctionTransformer(lambda c: np.ones((len(c), 1))), "strong"),
            ]
        ),
        LogisticRegression(),
    ).fit(X, y)
    whole, dull = modality_importance(model, *test).importances_mean
    assert whole > 0.3
    assert abs(dull) < 0.1


def test_each_item_is_described_once(train, test, monkeypatch):
    model = late().fit(*train)
    described = []
    transform = Stack.transform
    monkeypatch.setattr(
        Stack,
        "transform",
        lambda self, X, copy=None: described.append(len(X)) or transform(self, X),
    )
    for method in ("shapley", "permutation", "drop"):
        described.clear()
        modality_importance(model, *test, method=method, random_state=0)
        assert described == [int(test[0][c].notna().sum()) for c in COLUMNS]


@pytest.mark.parametrize("wrap", ["pipeline", "search", "steps"])
def test_the_model_may_be_wrapped(train, test, wrap):
    plain = late().fit(*train)
    if wrap == "pipeline":
        model = Pipeline([("fusion", late())]).fit(*train)
    elif wrap == "steps":
        model = Pipeline([("none", "passthrough"), ("f", late())]).fit(*train)
    else:
        model = GridSearchCV(late(), {"method": ["product"]}, cv=2).fit(*train)
    expected = modality_importance(plain, *test, random_state=0)
    result = modality_importance(model, *test, random_state=0)
    np.testing.assert_array_equal(result.importances, expected.importances)


def test_a_search_is_scored_as_it_was(train, test):
    model = GridSearchCV(late(), {"method": ["mean"]}, cv=2, scoring="neg_log_loss")
    result = modality_importance(model.fit(*train), *test)
    assert result.score == pytest.approx(model.score(*test))
    several = GridSearchCV(
        late(),
        {"method": ["mean"]},
        cv=2,
        scoring=["accuracy", "neg_log_loss"],
        refit="neg_log_loss",
    ).fit(*train)
    assert modality_importance(several, *test).score == result.score


@pytest.mark.parametrize(
    "scoring", ["neg_log_loss", "balanced_accuracy", "roc_auc_ovr"]
)
def test_other_scores(models, test, scoring):
    X, y = test
    result = modality_importance(models["late"], X, y, scoring=scoring)
    assert result.score == pytest.approx(get_scorer(scoring)(models["late"], X, y))
    own = modality_importance(models["late"], X, y, scoring=get_scorer(scoring))
    assert own.score == result.score


@pytest.mark.parametrize("method", ["shapley", "permutation", "drop"])
def test_rows_of_weight_0_count_for_nothing(models, test, method):
    X, y = test
    weights = (np.arange(len(y)) % 3 > 0).astype(float)
    kept = weights > 0
    result = modality_importance(
        models["early"], X, y, method=method, sample_weight=weights, random_state=0
    )
    assert result.score == pytest.approx(models["early"].score(X[kept], y[kept]))
    if method != "permutation":
        expected = modality_importance(
            models["early"], X[kept], y[kept], method=method, random_state=0
        )
        np.testing.assert_allclose(result.importances_mean, expected.importances_mean)


@pytest.mark.parametrize("as_kind", ["array", "list", "polars"])
def test_other_tables(train, test, as_kind):
    X, y = make_multimodal(80, random_state=0, missing=0.1, return_X_y=True)
    X = X[["text", "audio"]]

    def convert(frame):
        if as_kind == "array":
            return frame.to_numpy(dtype=object)
        if as_kind == "list":
            return frame.to_numpy(dtype=object).tolist()
        return pytest.importorskip("polars").DataFrame(
            {c: [None if v is None else v.tolist() for v in frame[c]] for c in frame}
        )

    columns = {"text": 0, "audio": 1}
    if as_kind == "polars":
        X = X[["text"]].assign(
            audio=[None if a is None else np.ones(2) for a in X["audio"]]
        )
        X["text"] = [None if t is None else np.array([len(t)]) for t in X["text"]]
        model = make_multimodal_pipeline(
            vectors={"a": "text", "b": "audio"}, fusion="late", random_state=0
        )
    else:
        model = make_multimodal_pipeline(**columns, fusion="late", random_state=0)
    model.fit(convert(X[:60]), y[:60])
    table = convert(X[60:])
    result = modality_importance(model, table, y[60:])
    assert result.score == model.score(table, y[60:])


def test_a_modality_that_no_row_has(models, test):
    X, y = test
    for kind in ("late", "early"):
        result = modality_importance(models[kind], without(X, ["weak"]), y)
        assert abs(result.importances_mean[1]) < 1e-12
        assert result.importances_mean[0] > 0.3


def test_many_modalities_are_played_in_drawn_orders(train, test):
    X, y = train
    columns = [f"c{i}" for i in range(7)]
    wide = {c: X[COLUMNS[i % 3]] for i, c in enumerate(columns)}
    model = make_pipeline(
        EarlyFusion([(c, Stack(), c) for c in columns]), LogisticRegression()
    ).fit(pd.DataFrame(wide), y)
    table = pd.DataFrame({c: test[0][COLUMNS[i % 3]] for i, c in enumerate(columns)})
    exact = modality_importance(model, table, test[1])
    drawn = modality_importance(
        model, table, test[1], max_coalitions=64, random_state=0
    )
    assert exact.exact and not drawn.exact
    assert len(drawn.coalition_scores) <= 64
    gain = exact.score - exact.baseline_score
    assert drawn.importances_mean.sum() == pytest.approx(gain)
    np.testing.assert_allclose(
        drawn.importances_mean, exact.importances_mean, atol=0.05
    )
    with pytest.raises(ValueError, match="max_coalitions=12 is too few for 7"):
        modality_importance(model, table, test[1], max_coalitions=12)


@pytest.mark.parametrize("n_players", range(1, 7))
def test_coefficients_share_out_the_whole(n_players):
    rng = np.random.RandomState(0)
    for most in (2**n_players, max(2 * n_players, 2**n_players - 1)):
        played = shapley_coalitions(n_players, most, rng)
        assert len(played.members) <= most
        assert not played.members[0].any()
        assert played.members[-1].all()
        sums = np.zeros(len(played.members))
        sums[0], sums[-1] = -1, 1
        np.testing.assert_allclose(played.coefficients.sum(axis=1), sums, atol=1e-12)
        sizes = played.members.sum(axis=1)
        # Worth the square of their number, players have equal shares.
        np.testing.assert_allclose(played.coefficients.T @ sizes**2, n_players)


def test_a_game_of_three_by_hand():
    # A pair with the first is worth 6, all three 12, the others nothing.
    worth = {0b011: 6, 0b101: 6, 0b111: 12}
    played = shapley_coalitions(3, 8, np.random.RandomState(0))
    numbers = played.members @ [1, 2, 4]
    values = np.array([worth.get(int(n), 0) for n in numbers])
    np.testing.assert_allclose(played.coefficients.T @ values, [6, 3, 3])


def test_repeated_calls_with_one_seed_are_equal(models, test):
    for method in ("shapley", "permutation", "drop"):
        first, second = (
            modality_importance(models["early"], *test, method=method, random_state=3)
            for _ in range(2)
        )
        np.testing.assert_array_equal(first.importances, second.importances)


def test_what_is_no_model_is_refused(train, test):
    X, y = train
    with pytest.raises(TypeError, match="EarlyFusion gives features and decides"):
        modality_importance(EarlyFusion([("s", Stack(), "strong")]).fit(X), *test)
    with pytest.raises(TypeError, match="Got LogisticRegression instead"):
        modality_importance(LogisticRegression().fit([[0], [1]], [0, 1]), *test)
    calibrated = CalibratedClassifierCV(late(), cv=2).fit(X, y)
    with pytest.raises(TypeError, match="Got CalibratedClassifierCV instead"):
        modality_importance(calibrated, *test)
    with pytest.raises(ValueError, match="not fitted"):
        modality_importance(late(), *test)
    search = GridSearchCV(late(), {"method": ["mean"]}, cv=2, refit=False).fit(X, y)
    with pytest.raises(TypeError, match="refit=True"):
        modality_importance(search, *test)


def test_a_model_that_refuses_gaps_is_only_permuted(train, test):
    complete = [t[0].notna().all(axis=1).to_numpy() for t in (train, test)]
    (X, y), (T, z) = (
        (t[0][c], t[1][c]) for t, c in zip((train, test), complete, strict=True)
    )
    model = early(missing="error").fit(X, y)
    with pytest.raises(ValueError, match="Choose method='permutation'"):
        modality_importance(model, T, z)
    result = modality_importance(model, T, z, method="permutation", random_state=0)
    assert result.importances_mean[0] > 0.2


def test_no_row_is_an_error(models, test):
    X, y = test
    with pytest.raises(ValueError, match="X has no rows"):
        modality_importance(models["late"], X[:0], y[:0])


def test_a_model_without_modalities_is_sent_elsewhere(train):
    model = make_pipeline(LogisticRegression()).fit([[0], [1]], [0, 1])
    with pytest.raises(TypeError, match="sklearn.inspection.permutation_importance"):
        modality_importance(model, [[0], [1]], [0, 1])
    wrapped = CalibratedClassifierCV(late(cv=2), cv=2).fit(*train)
    with pytest.raises(TypeError, match="Got CalibratedClassifierCV.*Pipeline itself"):
        modality_importance(wrapped, *train)


def test_bad_parameters(models, test):
    with pytest.raises(ValueError, match="'method' parameter"):
        modality_importance(models["late"], *test, method="lime")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        modality_importance(models["late"], test[0], test[1][:-1])
    with pytest.raises(ValueError, match="scoring must be one score"):
        modality_importance(models["late"], *test, scoring=["accuracy"])


def test_several_targets_a_row_are_scored_together(train, test):
    X, y = train
    both = np.column_stack([y == "ant", y == "bee"]).astype(int)
    parts = [(c, Stack(), c) for c in COLUMNS]
    model = make_pipeline(
        EarlyFusion(parts), RandomForestClassifier(20, random_state=0)
    ).fit(X, both)
    T, z = test
    both = np.column_stack([z == "ant", z == "bee"]).astype(int)
    result = modality_importance(model, T, both, random_state=0)
    assert result.score == pytest.approx(model.score(T, both))
    assert result.importances_mean[0] > result.importances_mean[2] + 0.1
    with pytest.raises(ValueError, match="answers several targets a row"):
        modality_contributions(model, T)


def test_several_targets_of_names_and_chances_are_scored(train, test):
    def several(y):
        return np.column_stack([y, np.where(y == "ant", "small", "large")])

    def chance_of_the_truth(model, X, y):
        chances = model.predict_proba(X)
        assert [c.shape for c in chances] == [(len(y), 3), (len(y), 2)]
        places = np.searchsorted(["ant", "bee", "cat"], y[:, 0])
        return float(chances[0][np.arange(len(y)), places].mean())

    X, y = test
    forest = RandomForestClassifier(30, random_state=0)
    parts = [(c, make_pipeline(Stack(), clone(forest)), c) for c in COLUMNS]
    model = LateFusionClassifier(parts, cv=3).fit(train[0], several(train[1]))
    result = modality_importance(model, X, several(y), random_state=0)
    assert result.score == pytest.approx(
        (model.predict(X) == several(y)).all(axis=1).mean()
    )
    assert result.importances_mean[0] > result.importances_mean[1] > 0
    weights = np.arange(len(y)) % 2
    weighted = modality_importance(
        model, X, several(y), sample_weight=weights, n_repeats=1, random_state=0
    )
    right = (model.predict(X) == several(y)).all(axis=1)
    assert weighted.score == pytest.approx(right[1::2].mean())
    result = modality_importance(
        model, X, several(y), scoring=chance_of_the_truth, random_state=0
    )
    assert result.score == pytest.approx(chance_of_the_truth(model, X, several(y)))


@pytest.mark.parametrize("kind", ["late", "early", "kernels"])
def test_any_number_of_workers_gives_the_same(models, test, kind):
    model = clone(models[kind])
    fusion = model.named_steps["earlyfusion"] if kind == "early" else model
    results = []
    for n_jobs in (1, 2):
        fusion.set_params(n_jobs=n_jobs)
        fitted = model.fit(*test)
        results.append(modality_importance(fitted, *test, random_state=0).importances)
    np.testing.assert_array_equal(*results)


def test_invalid_items_count_as_missing_with_one_warning(train, test):
    X, y = make_multimodal(60, random_state=0, return_X_y=True)
    model = make_multimodal_pipeline(
        text="text", audio="audio", fusion="late", invalid="missing", random_state=0
    ).fit(X[:40], y[:40])
    T = X[40:].reset_index(drop=True)
    T.loc[3, "audio"] = "none.wav"
    with pytest.warns(InvalidItemWarning, match="rows 3") as caught:
        result = modality_importance(model, T, y[40:])
    assert len(caught) == 1
    gap = T.copy()
    gap.loc[3, "audio"] = None
    expected = modality_importance(model, gap, y[40:])
    np.testing.assert_array_equal(result.importances_mean, expected.importances_mean)


def test_draws_of_rows_are_scored_as_scikit_learn_scores(models, test):
    X, y = test
    for kind in ("early", "regressor"):
        game = Game(take_apart(models[kind]), X, truth(y, kind))
        rng = np.random.RandomState(0)
        draws = [game.draw(rng) for _ in range(3)]
        scores = game.score_places(game.rows.places, draws)
        expected = [
            models[kind].score(X.iloc[rows], truth(y, kind)[rows])
            for rows in (np.arange(len(y)), *draws)
        ]
        np.testing.assert_allclose(scores, expected)
        if kind == "early":  # as many rows of each class in each draw
            assert all((np.sort(y[rows]) == np.sort(y)).all() for rows in draws)
