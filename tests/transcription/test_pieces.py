"""Sound is cut at pauses into pieces that a decoder takes, whatever the blocks."""

import numpy as np
import pytest

from mmclassic.transcription._pieces import pieces_of

RATE = 1000


def pieces(samples, n_block):
    blocks = (samples[i : i + n_block] for i in range(0, len(samples), n_block))
    return list(pieces_of(blocks, RATE, longest=3.0, shortest=1.0))


@pytest.fixture
def speech():
    """Ten seconds of noise with pauses of .4 s around 2 s, 4.5 s and 6 s."""
    noise = np.random.default_rng(0).standard_normal(10 * RATE).astype(np.float32)
    for second in (2.0, 4.5, 6.0):
        at = int(second * RATE)
        noise[at - 200 : at + 200] *= 1e-3
    return noise


@pytest.mark.parametrize("n_block", [1, 37, 1000, 20_000])
def test_pieces_end_in_pauses_and_leave_nothing_out(speech, n_block):
    found = pieces(speech, n_block)
    np.testing.assert_array_equal(np.concatenate([p for _, p in found]), speech)
    starts = [start for start, _ in found]
    np.testing.assert_allclose(starts[:4], [0, 2, 4.5, 6], atol=0.11)
    lengths = [len(piece) for _, piece in found]
    assert starts == pytest.approx(np.cumsum([0, *lengths[:-1]]) / RATE)
    assert max(lengths) <= 3 * RATE
    assert min(lengths[:-1]) >= RATE


def test_what_is_no_longer_than_a_piece_is_one_and_nothing_is_none(speech):
    ((start, piece),) = pieces(speech[: 3 * RATE], 100)
    assert start == 0
    assert len(piece) == 3 * RATE
    assert pieces(speech[:0], 100) == []
