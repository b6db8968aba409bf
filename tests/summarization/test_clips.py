"""The sound of spans is read in one pass, as it is read span by span."""

import numpy as np
import pytest

from mmclassic.media import open_video
from mmclassic.summarization._clips import clips
from tests.common.clips import RATE, encode, frame_of


@pytest.fixture(scope="module")
def video():
    rng = np.random.default_rng(0)
    noise = rng.uniform(-0.5, 0.5, 25 * RATE).astype(np.float32)
    return open_video(encode([frame_of(i) for i in range(25)], fps=1, sound=noise))


@pytest.mark.parametrize(
    "spans",
    [
        [[0, 25]],
        [[0, 0.2], [0.2, 7], [7, 7.01], [7.01, 24], [24, 25]],
        [[0, 3], [1, 12], [1, 1.5], [20, 30]],
        [[12, 13], [24.9, 25.0]],
    ],
)
def test_each_span_has_its_own_samples(video, spans):
    whole = video.audio().samples
    found = list(clips(video, np.array(spans, dtype=float)))
    assert len(found) == len(spans)
    for clip, (start, stop) in zip(found, spans, strict=True):
        expected = whole[round(start * RATE) : round(stop * RATE)]
        np.testing.assert_array_equal(clip.samples, expected)
        assert clip.sample_rate == RATE
