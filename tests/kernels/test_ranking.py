"""Scores of rankings, against hand-made cases and another library's."""

import numpy as np
import pytest

from mmclassic._kernels.ranking import average_precision, first_rank, reciprocal_rank
from mmclassic.retrieval import ranking_scores


def test_scores_of_hand_made_rankings():
    relevant = np.array([[1, 0, 1], [0, 0, 1], [0, 0, 0]], dtype=bool)
    found = average_precision(relevant)
    np.testing.assert_allclose(found, [(1 + 2 / 3) / 2, 1 / 3, np.nan])
    np.testing.assert_allclose(
        average_precision(relevant, np.array([4, 1, 2])), [(1 + 2 / 3) / 4, 1 / 3, 0]
    )
    np.testing.assert_array_equal(first_rank(relevant), [1, 3, np.inf])
    np.testing.assert_allclose(reciprocal_rank(relevant), [1, 1 / 3, 0])
    assert first_rank(relevant[:, :0]).tolist() == [np.inf] * 3


def test_scores_are_those_of_ir_measures():
    measures = pytest.importorskip("ir_measures")
    rng = np.random.default_rng(0)
    n_queries, n_items, depth = 12, 40, 25
    relevant = rng.random((n_queries, n_items)) < 0.15
    relevant[:, 0] |= ~relevant.any(axis=1)
    indices = np.array([rng.permutation(n_items)[:depth] for _ in range(n_queries)])
    judged = [
        measures.Qrel(str(query), str(item), int(relevant[query, item]))
        for query in range(n_queries)
        for item in range(n_items)
    ]
    ranked = [
        measures.ScoredDoc(str(query), str(item), float(-rank))
        for query in range(n_queries)
        for rank, item in enumerate(indices[query])
    ]
    wanted = [measures.AP, measures.RR, measures.Success @ 5, measures.Success @ 10]
    expected = measures.calc_aggregate(wanted, judged, ranked)
    scores = ranking_scores(indices, [np.flatnonzero(row) for row in relevant])
    names = ["MAP", "MRR", "R@5", "R@10"]
    for name, measure in zip(names, wanted, strict=True):
        assert scores[name] == pytest.approx(expected[measure]), name


def test_one_right_answer_a_query_gives_its_rank():
    scores = ranking_scores([[3, 1], [0, 2], [5, 4]], [3, 2, 9], at=(1, 2))
    assert scores["R@1"] == pytest.approx(1 / 3)
    assert scores["R@2"] == pytest.approx(2 / 3)
    assert scores["median rank"] == 2
    assert scores["MAP"] == scores["MRR"] == pytest.approx(0.5)


def test_what_can_not_be_scored_is_refused():
    with pytest.raises(ValueError, match="shape \\(2, 1\\) and 1 entries"):
        ranking_scores([[0], [1]], [0])
    with pytest.raises(ValueError, match="Nothing is relevant to any query"):
        ranking_scores([[0]], [[]])
