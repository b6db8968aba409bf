"""A video is watched while it is sampled: every frame once, samples unchanged."""

from itertools import islice

import numpy as np
import pytest

from mmclassic.media import open_video
from mmclassic.media._watched_video import WatchedVideo
from tests.common.clips import encode, frame_of, number_of

SIZE = (24, 32)


class Watch:
    def __init__(self):
        self.times = []
        self.numbers = []

    def __call__(self, time, pixels):
        assert pixels.shape == (*SIZE, 3)
        self.times.append(time)
        self.numbers.append(number_of(np.kron(pixels, np.ones((2, 2, 1)))))


@pytest.fixture(scope="module")
def clip():
    return encode([frame_of(i) for i in range(40)])


@pytest.fixture(scope="module")
def uneven():
    times = np.cumsum([0, *[0.04, 0.3, 0.1, 0.7, 0.04, 0.2] * 3])
    return encode([frame_of(i) for i in range(len(times))], times=times)


@pytest.mark.parametrize("name", ["clip", "uneven"])
@pytest.mark.parametrize(
    ("start", "stop", "every"),
    [(0.0, None, 0.5), (0.25, None, 0.5), (1.0, 2.0, 0.07), (3.8, None, 1.0)],
)
def test_samples_are_those_of_the_video_and_every_frame_is_watched(
    request, name, start, stop, every
):
    video = open_video(request.getfixturevalue(name))
    watch = Watch()
    watched = WatchedVideo(video, watch, SIZE)
    sampled = list(watched.frames(start, stop, every=every, size=(12, 16)))
    expected = list(video.frames(start, stop, every=every, size=(12, 16)))
    assert [time for time, _ in sampled] == [time for time, _ in expected]
    for (_, frame), (_, other) in zip(sampled, expected, strict=True):
        np.testing.assert_array_equal(frame, other)
    assert watched.is_seen
    assert watch.times == [time for time, _ in video.frames(size=SIZE)]
    assert watch.numbers == list(range(len(watch.times)))


def test_only_the_first_pass_is_watched(clip):
    watch = Watch()
    watched = WatchedVideo(open_video(clip), watch, SIZE)
    for _ in range(2):
        assert len(list(watched.frames(every=1.0))) == 4
    assert len(watch.times) == 40
    assert watched.duration == open_video(clip).duration
    assert number_of(watched.frame_at(2.15)) == 21


def test_samples_that_are_far_apart_or_not_taken_to_the_end_show_no_more(clip):
    for every, n_taken in ((15.0, None), (0.5, 3), (None, None)):
        watched = WatchedVideo(open_video(clip), Watch(), SIZE)
        taken = list(islice(watched.frames(every=every), n_taken))
        assert taken and not watched.is_seen
