"""ranking_scores: what it counts, and what can't be a ranking."""

import numpy as np
import pytest

from mmclassic.retrieval import ranking_scores


def test_answers_are_scored_by_what_is_relevant():
    scores = ranking_scores([[0, 1, 2], [2, 0, 1], [1, 2, 0]], [[0, 2], [1], []])
    assert scores["MAP"] == pytest.approx((5 / 6 + 1 / 3) / 2)
    assert scores["MRR"] == pytest.approx((1 + 1 / 3) / 2)
    assert scores["R@1"] == 0.5 and scores["R@5"] == 1.0
    assert scores["median rank"] == 2.0


def test_relevant_items_may_come_one_by_one():
    answers = np.array([[0, 1], [1, 0]])
    expected = ranking_scores(answers, [0, 0], at=(1,))
    assert ranking_scores(answers, iter([0, 0]), at=(1,)) == expected


@pytest.mark.parametrize(
    ("indices", "relevant", "at", "message"),
    [
        ([[0, 1], [1, 1]], [0, 1], (1,), "query 1 hold one twice"),
        ([[0, 1]], [0, 1], (1,), "one entry of 'relevant' a query"),
        ([[0, 1]], [0], (0,), "ranks of at least 1"),
        ([[0, 1]], [[]], (1,), "Nothing is relevant"),
    ],
)
def test_what_is_no_ranking_is_refused(indices, relevant, at, message):
    with pytest.raises(ValueError, match=message):
        ranking_scores(indices, relevant, at=at)
