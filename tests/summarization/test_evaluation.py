"""Summaries are compared with people's as on SumMe and TVSum, worked out by hand."""

import numpy as np
import pytest

from mmclassic.summarization import keyshot_f_score, rank_correlation


def test_f_score_is_the_harmonic_mean_of_precision_and_recall():
    chosen = [1, 1, 1, 0, 0, 0, 0, 0]
    person = [0, 0, 1, 1, 1, 1, 0, 0]
    precision, recall = 1 / 3, 1 / 4
    expected = 2 * precision * recall / (precision + recall)
    assert keyshot_f_score(chosen, person) == pytest.approx(expected)


def test_people_count_by_their_mean_or_the_nearest_of_them():
    chosen = [1, 1, 0, 0]
    people = [[1, 1, 0, 0], [0, 0, 1, 1]]
    assert keyshot_f_score(chosen, people) == 0.5
    assert keyshot_f_score(chosen, people, average="max") == 1.0


def test_where_nothing_is_kept_or_shared_the_f_score_is_0():
    assert keyshot_f_score([0, 0], [[1, 0], [0, 0]]) == 0.0
    assert keyshot_f_score([1, 0], [0, 1]) == 0.0


def test_kendall_counts_pairs_in_order():
    # Of six pairs, four are in the same order and two in the other.
    assert rank_correlation([1, 2, 3, 4], [3, 1, 2, 4]) == pytest.approx(2 / 6)


def test_kendall_leaves_out_ties_as_tau_b_does():
    # Five pairs in order, one of them tied on one side: 5 / sqrt(5 * 6).
    tau = rank_correlation([1, 1, 2, 3], [1, 2, 3, 4])
    assert tau == pytest.approx(5 / np.sqrt(5 * 6))


def test_spearman_correlates_ranks():
    # 1 - 6 (4 + 1 + 1) / (4 (16 - 1)).
    rho = rank_correlation([1, 2, 3, 4], [30, 10, 20, 40], method="spearman")
    assert rho == pytest.approx(1 - 36 / 60)


@pytest.mark.parametrize("method", ["kendall", "spearman"])
def test_correlation_is_the_mean_over_people_and_0_for_those_without_an_order(method):
    people = [[1, 2, 3], [3, 2, 1], [5, 5, 5], [1, 2, 3]]
    found = rank_correlation([10, 20, 30], people, method=method)
    assert found == pytest.approx(0.25)
    assert rank_correlation([1, 1, 1], people, method=method) == 0.0


def test_random_importances_correlate_with_nobody():
    rng = np.random.default_rng(0)
    found = [rank_correlation(rng.random(300), rng.random(300)) for _ in range(30)]
    assert abs(np.mean(found)) < 0.03


def test_frames_without_a_number_have_no_order():
    with pytest.raises(ValueError, match="An order needs finite numbers"):
        rank_correlation([1, 2, np.nan], [1, 2, 3])


@pytest.mark.parametrize("measure", [keyshot_f_score, rank_correlation])
def test_other_lengths_and_methods_are_refused(measure):
    with pytest.raises(ValueError, match=r"same frames.*Got \(2,\) and \(1, 3\)"):
        measure([0, 1], [0, 1, 1])
    with pytest.raises(ValueError, match="same frames"):
        measure([], [])
    option = {keyshot_f_score: "average", rank_correlation: "method"}[measure]
    with pytest.raises(ValueError, match=f"'{option}' parameter of {measure.__name__}"):
        measure([0, 1], [0, 1], **{option: "median"})
