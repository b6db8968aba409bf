import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import gmean
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_predict
from sklearn.svm import LinearSVC

from mmclassic.fusion._calibration import ScoreCalibrator, class_scores
from mmclassic.fusion._pools import align, mean_pool, pool, votes
from mmclassic.fusion._weights import learn_class_weights, learn_value_weights

PRIOR = np.array([0.5, 0.3, 0.2])
METHODS = ["mean", "product", "max", "median", "vote"]


def chances(n_modalities=3, n_samples=40, seed=0):
    return np.random.RandomState(seed).dirichlet([1, 1, 1], (n_modalities, n_samples))


def everything(probabilities):
    return np.ones(probabilities.shape[:2], dtype=bool)


@pytest.mark.parametrize("method", METHODS)
def test_a_pool_is_a_distribution(method):
    p = chances()
    there = np.random.RandomState(1).rand(3, 40) > 0.5
    pooled = pool(p, there, np.array([1.0, 2.0, 0.0]), PRIOR, method)
    np.testing.assert_allclose(pooled.sum(axis=1), 1)
    assert (pooled >= 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_row_with_nothing_gets_the_prior(method):
    p = chances()
    there = everything(p)
    there[:, 4] = False
    pooled = pool(p, there, np.ones(3), PRIOR, method)
    np.testing.assert_allclose(pooled[4], PRIOR, atol=1e-3)


@pytest.mark.parametrize("method", ["mean", "product", "max", "median"])
def test_one_modality_is_taken_as_it_is(method):
    p = np.random.RandomState(0).dirichlet([5, 5, 5], (1, 40))
    pooled = pool(p, everything(p), np.ones(1), PRIOR, method)
    np.testing.assert_allclose(pooled, p[0], atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_there_does_not_count(method):
    p = chances()
    there = everything(p)
    there[2] = False
    weights = np.array([1.0, 2.0, 3.0])
    q = p.copy()
    q[2] = 1 / 3
    np.testing.assert_allclose(
        pool(p, there, weights, PRIOR, method),
        pool(p[:2], there[:2], weights[:2], PRIOR, method),
    )


def test_mean_is_the_weighted_mean():
    p = chances()
    weights = np.array([1.0, 2.0, 3.0])
    expected = np.average(p, axis=0, weights=weights)
    np.testing.assert_allclose(pool(p, everything(p), weights, PRIOR, "mean"), expected)


def test_product_of_weights_that_sum_to_one_is_the_geometric_mean():
    p = np.random.RandomState(0).dirichlet([5, 5, 5], (4, 40))
    expected = gmean(p, axis=0)
    expected /= expected.sum(axis=1, keepdims=True)
    pooled = pool(p, everything(p), np.full(4, 0.25), PRIOR, "product")
    np.testing.assert_allclose(pooled, expected)


def test_product_is_bayes_rule_for_independent_modalities():
    rng = np.random.RandomState(0)
    likelihoods = rng.uniform(0.5, 1, (3, 20, 3))
    posteriors = likelihoods * PRIOR
    posteriors /= posteriors.sum(axis=2, keepdims=True)
    expected = likelihoods.prod(axis=0) * PRIOR
    expected /= expected.sum(axis=1, keepdims=True)
    pooled = pool(posteriors, everything(posteriors), np.ones(3), PRIOR, "product")
    np.testing.assert_allclose(pooled, expected)


def test_product_is_not_vetoed_by_one_zero():
    p = np.array([[[1.0, 0.0]], [[0.0001, 0.9999]], [[0.0001, 0.9999]]])
    pooled = pool(p, everything(p), np.ones(3), np.array([0.5, 0.5]), "product")
    assert pooled[0, 1] > 0.99


def test_max_takes_the_surest():
    p = np.array([[[0.6, 0.4]], [[0.2, 0.8]]])
    pooled = pool(p, everything(p), np.ones(2), np.array([0.5, 0.5]), "max")
    np.testing.assert_allclose(pooled, [[0.6 / 1.4, 0.8 / 1.4]])


def test_vote_counts_and_breaks_ties_by_the_mean():
    p = np.array([[[0.9, 0.1]], [[0.4, 0.6]], [[0.4, 0.6]]])
    half = np.array([0.5, 0.5])
    assert pool(p, everything(p), np.ones(3), half, "vote").argmax() == 1
    assert pool(p[:2], everything(p[:2]), np.ones(2), half, "vote").argmax() == 0
    heavy = np.array([3.0, 1.0, 1.0])
    assert pool(p, everything(p), heavy, half, "vote").argmax() == 0


def test_the_mean_breaks_ties_of_votes_and_outvotes_nobody():
    rng = np.random.RandomState(0)
    p = rng.dirichlet([0.3, 0.3, 0.3], (4, 500))
    there = rng.rand(4, 500) > 0.3
    there[0] = True
    for weights in (np.ones(4), np.array([1.0, 0, 1, 0]), np.array([3.0, 2, 2, 0.5])):
        shares = mean_pool(votes(p), there, weights)
        most = np.isclose(shares, shares.max(axis=1, keepdims=True))
        means = np.where(most, mean_pool(p, there, weights), -1.0)
        pooled = pool(p, there, weights, PRIOR, "vote")
        np.testing.assert_array_equal(pooled.argmax(axis=1), means.argmax(axis=1))


def test_what_nobody_votes_for_is_not_impossible():
    p = np.array([[[0.6, 0.3, 0.1]], [[0.5, 0.4, 0.1]]])
    pooled = pool(p, everything(p), np.ones(2), PRIOR, "vote")
    # A tenth of the shares of votes, the rest of the mean probability.
    np.testing.assert_allclose(pooled, [[0.595, 0.315, 0.09]])


def test_what_is_outvoted_by_the_less_sure_is_nearly_as_likely():
    p = np.array([[[0.9, 0.1]], [[0.4, 0.6]], [[0.4, 0.6]]])
    pooled = pool(p, everything(p), np.ones(3), np.array([0.5, 0.5]), "vote")
    # Means of 17/30 and 13/30 tie on 2/7 of the way to 1/3 and 2/3.
    way = 2 / 7 + 0.1 * 5 / 7
    expected = 13 / 30 + way * (2 / 3 - 13 / 30)
    np.testing.assert_allclose(pooled, [[1 - expected, expected]])


def test_median_is_each_classs_middle_probability():
    p = chances()
    there = everything(p)
    there[0, :20] = False
    expected = np.vstack([p[1:, :20].mean(axis=0), np.median(p[:, 20:], axis=0)])
    expected /= expected.sum(axis=1, keepdims=True)
    pooled = pool(p, there, np.ones(3), PRIOR, "median")
    np.testing.assert_allclose(pooled, expected)


def test_median_of_parts_each_sure_of_another_class_is_their_mean():
    p = np.eye(3)[:, None]
    pooled = pool(p, everything(p), np.ones(3), PRIOR, "median")
    np.testing.assert_allclose(pooled, np.full((1, 3), 1 / 3))


def test_modalities_that_all_weigh_nothing_count_equally():
    values = np.array([[1.0, 1.0], [3.0, 3.0]])
    there = np.array([[True, True], [True, False]])
    np.testing.assert_allclose(mean_pool(values, there, np.zeros(2)), [2.0, 1.0])


def test_unseen_classes_get_their_prior():
    aligned = align(
        np.array([[0.75, 0.25]]), np.array(["a", "c"]), np.array(["a", "b", "c"]), PRIOR
    )
    np.testing.assert_allclose(aligned, [[0.75 * 0.7, 0.3, 0.25 * 0.7]])


def noisy_votes(seed, accuracies, n=300, sharp=0.8):
    """Return what parts of given accuracies say of three classes, all as surely."""
    rng = np.random.RandomState(seed)
    y = rng.randint(3, size=n)
    said = [np.where(rng.rand(n) < a, y, rng.randint(3, size=n)) for a in accuracies]
    return np.stack([np.eye(3)[s] * sharp + (1 - sharp) / 3 for s in said]), y


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.sampled_from(["mean", "product", "vote"]),
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
    st.integers(0, 2**16),
    st.sampled_from([0.4, 0.8, 1.0]),
)
def test_learned_weights_are_never_worse_than_equal_ones(
    method, accuracies, seed, sharp
):
    rng = np.random.RandomState(seed)
    p, y = noisy_votes(seed, accuracies, n=rng.randint(5, 80), sharp=sharp)
    there = rng.rand(*p.shape[:2]) > 0.2
    costs = rng.choice([0.5, 1.0, 3.0], len(y))
    prior = rng.dirichlet([3, 3, 3])
    learned = learn_class_weights(p, there, y, costs, prior, method)
    assert (learned >= 0).all() and np.isfinite(learned).all()
    ours, equal = (
        pool(p, there, weights, prior, method) for weights in (learned, np.ones(len(p)))
    )
    errors = [costs @ (pooled.argmax(axis=1) != y) for pooled in (ours, equal)]
    assert errors[0] <= errors[1]
    losses = [
        log_loss(y, np.maximum(pooled, 1e-9), sample_weight=costs, labels=[0, 1, 2])
        for pooled in (ours, equal)
    ]
    assert losses[0] <= losses[1] + 1e-9


@pytest.mark.parametrize(("method", "little"), [("mean", 0.7), ("product", 0.25)])
def test_what_knows_more_weighs_more(method, little):
    p, y = noisy_votes(0, [0.7, 0.3, 0.0])
    prior = np.full(3, 1 / 3)
    weights = learn_class_weights(p, everything(p), y, np.ones(len(y)), prior, method)
    assert weights[0] > weights[1] > weights[2]
    assert weights[2] < little


def test_what_knows_nothing_has_no_vote():
    p, y = noisy_votes(0, [0.7, 0.6, 0.0])
    prior = np.full(3, 1 / 3)
    weights = learn_class_weights(p, everything(p), y, np.ones(len(y)), prior, "vote")
    np.testing.assert_array_equal(weights, [1, 1, 0])


def test_one_product_weight_minimises_the_penalised_loss():
    p, y = noisy_votes(2, [0.5], sharp=0.9)
    prior = np.full(3, 1 / 3)
    args = (p, everything(p), y, np.ones(len(y)), prior, "product")

    def loss(w, center, penalty):
        pooled = pool(p, everything(p), np.array([w]), prior, "product")
        return log_loss(y, pooled) * len(y) + penalty * (w - center) ** 2

    alone = minimize_scalar(loss, args=(1.0, 20.0), bounds=(0, 2)).x
    expected = minimize_scalar(loss, args=(alone, 50.0), bounds=(0, 2)).x
    assert expected < 0.9
    np.testing.assert_allclose(learn_class_weights(*args), expected, atol=2e-3)


def test_rows_that_weigh_nothing_teach_nothing():
    p, y = noisy_votes(0, [0.7, 0.1])
    prior = np.full(3, 1 / 3)
    costs = (np.arange(len(y)) < 200).astype(float)
    weighted = learn_class_weights(p, everything(p), y, costs, prior, "mean")
    spoiled = y.copy()
    spoiled[200:] = (spoiled[200:] + 1) % 3
    again = learn_class_weights(p, everything(p), spoiled, costs, prior, "mean")
    np.testing.assert_allclose(again, weighted)


def test_value_weights_follow_the_error():
    rng = np.random.RandomState(0)
    y = rng.normal(size=300)
    values = np.stack([y + s * rng.normal(size=300) for s in (0.3, 1.0, 3.0)])
    there = rng.rand(3, 300) > 0.2
    weights = learn_value_weights(values, there, y, np.ones(300))
    assert weights[0] > weights[1] > weights[2]
    some = there.any(axis=0)

    def error(w):
        return ((mean_pool(values, there, w) - y)[some] ** 2).mean()

    assert error(weights) < error(np.ones(3))


def test_values_of_no_spread_keep_equal_weights():
    weights = learn_value_weights(
        np.ones((2, 9)), np.ones((2, 9), bool), np.ones(9), np.ones(9)
    )
    np.testing.assert_allclose(weights, 1)


def test_two_classes_are_calibrated_as_by_a_sigmoid():
    rng = np.random.RandomState(0)
    decisions = rng.normal(size=2000) * 3
    y = (rng.rand(2000) < 1 / (1 + np.exp(-(0.7 * decisions - 1)))).astype(int)
    scores = class_scores(decisions, np.array([0, 1]), np.array([0, 1]))
    ours = ScoreCalibrator().fit(scores, y, np.ones(2000))(scores)[:, 1]
    sigmoid = LogisticRegression(C=np.inf).fit(decisions[:, None], y)
    np.testing.assert_allclose(
        ours, sigmoid.predict_proba(decisions[:, None])[:, 1], atol=5e-3
    )


def test_several_classes_are_calibrated_no_worse_than_by_scikit_learn():
    X, y = make_classification(
        600, 20, n_informative=6, n_classes=4, random_state=0, class_sep=0.7
    )
    svm = LinearSVC()
    held_out = cross_val_predict(svm, X[:300], y[:300], method="decision_function")
    calibrator = ScoreCalibrator().fit(held_out, y[:300], np.ones(300))
    ours = calibrator(svm.fit(X[:300], y[:300]).decision_function(X[300:]))
    theirs = CalibratedClassifierCV(svm, ensemble=False).fit(X[:300], y[:300])
    assert log_loss(y[300:], ours) < log_loss(y[300:], theirs.predict_proba(X[300:]))


def test_separable_scores_get_a_finite_scale():
    scores = np.eye(2)[[0, 1] * 10] * 2 - 1
    calibrator = ScoreCalibrator().fit(scores, np.array([0, 1] * 10), np.ones(20))
    p = calibrator(scores)
    assert 0.9 < p.max() < 0.99


def test_scores_that_say_nothing_give_the_shares_of_the_classes():
    y = np.array([0] * 30 + [1] * 10)
    p = ScoreCalibrator().fit(np.zeros((40, 2)), y, np.ones(40))(np.zeros((1, 2)))
    np.testing.assert_allclose(p, [[0.75, 0.25]], atol=0.02)


def test_one_score_a_pair_of_classes_is_refused():
    with pytest.raises(ValueError, match="decision_function_shape='ovr'"):
        class_scores(np.zeros((2, 6)), np.arange(4), np.arange(4))
