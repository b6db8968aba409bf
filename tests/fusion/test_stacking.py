"""The features that a final classifier decides by, and what it learns from."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from mmclassic.fusion._stacking import fit_final, stack

PRIOR = np.array([0.5, 0.3, 0.2])


def chances(n_modalities, y, sharp, seed=0):
    """Return probabilities around the classes y, the sharper the surer."""
    rng = np.random.RandomState(seed)
    alphas = 1 + sharp * np.eye(3)[y]
    return np.stack([[rng.dirichlet(a) for a in alphas] for _ in range(n_modalities)])


def test_distances_of_features_are_hellingers():
    p = chances(1, np.array([0, 1]), 2.0)
    first, second = stack(p, np.ones((1, 2), dtype=bool), PRIOR)
    expected = np.sum((np.sqrt(p[0, 0]) - np.sqrt(p[0, 1])) ** 2)
    np.testing.assert_allclose(np.sum((first - second) ** 2), expected)


def test_what_is_not_there_is_as_the_prior_and_told():
    p = chances(2, np.array([0, 1]), 2.0)
    there = np.array([[True, False], [True, True]])
    p[0, 1] = np.nan
    features = stack(p, there, PRIOR)
    np.testing.assert_array_equal(features[1, :3], 0)
    np.testing.assert_array_equal(features[:, -2:], [[0, 0], [1, 0]])
    assert np.isfinite(features).all()


def test_a_classifier_that_learned_with_parts_hidden_does_better_without_them():
    y = np.random.RandomState(0).randint(3, size=600)
    p = np.concatenate([chances(1, y, 6.0), chances(2, y, 2.0, seed=1)])
    train, test = np.arange(600) < 300, np.arange(600) >= 300
    there = np.ones((3, 600), dtype=bool)
    prior = np.full(3, 1 / 3)
    args = p[:, train], there[:, train], y[train], None, prior
    hiding, whole = fit_final(None, *args), fit_final(LogisticRegression(), *args)
    lacking = there[:, test].copy()
    lacking[0] = False

    def loss(final, there):
        said = final.predict_proba(stack(p[:, test], there, prior))
        return log_loss(y[test], said)

    assert loss(hiding, lacking) < loss(whole, lacking) - 0.02
    assert loss(hiding, there[:, test]) < loss(whole, there[:, test]) + 0.02


def test_one_part_and_rows_of_no_weight_are_stacked():
    y = np.arange(90) % 3
    p = chances(1, y, 6.0)
    there = np.ones((1, 90), dtype=bool)
    costs = (np.arange(90) < 60).astype(float)
    spoiled = np.where(costs == 0, (y + 1) % 3, y)
    finals = [fit_final(None, p, there, each, costs, PRIOR) for each in (y, spoiled)]
    np.testing.assert_allclose(finals[0].coef_, finals[1].coef_, atol=1e-3)
