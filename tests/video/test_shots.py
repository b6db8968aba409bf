"""Shots begin at hard cuts, and at nothing else."""

import json

import numpy as np
import pytest

from mmclassic.exceptions import MediaError
from mmclassic.media import open_video
from mmclassic.video import detect_shots
from tests.common.clips import encode


def scene(seed, n=20, size=(72, 128)):
    """Return frames of a window that glides over a smooth random picture."""
    import cv2

    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (9, 16, 3)).astype(np.uint8)
    wide = cv2.resize(coarse, (2 * size[1], 2 * size[0]), interpolation=cv2.INTER_CUBIC)
    return [wide[i : i + size[0], 2 * i : 2 * i + size[1]].copy() for i in range(n)]


def starts(frames, **parameters):
    shots = detect_shots(encode(frames), **parameters)
    assert shots[0, 0] == 0
    np.testing.assert_array_equal(shots[1:, 0], shots[:-1, 1])
    return np.rint(10 * shots[1:, 0]).astype(int).tolist()


@pytest.mark.parametrize("name", ["bikes.mp4", "big_buck_bunny.webm", "vtest.avi"])
def test_the_hard_cuts_of_real_clips_are_found_and_no_other(data_folder, name):
    folder = data_folder / "video"
    truth = json.loads((folder / "cuts.json").read_text())[name]["hard"]
    times = np.array(
        [time for time, _ in open_video(folder / name).frames(size=(8, 8))]
    )
    shots = detect_shots(folder / name)
    found = np.searchsorted(times, shots[1:, 0]).tolist()
    assert found == truth


def test_cuts_between_scenes_in_motion_are_found():
    assert starts(scene(0) + scene(1, 9) + scene(2)) == [20, 29]


def test_a_cut_near_the_start_or_the_end_is_found():
    assert starts(scene(0, 2) + scene(1, 20) + scene(2, 2)) == [2, 22]


def test_one_scene_is_one_shot():
    assert starts(scene(3, 40)) == []
    assert detect_shots(encode(scene(3, 1))).shape == (1, 2)


def test_a_flash_is_no_cut():
    frames = scene(0, 30)
    white = np.full_like(frames[0], 255)
    assert starts([*frames[:12], white, white, *frames[14:]]) == []


def test_a_fade_is_no_cut():
    first, second = scene(0, 1)[0].astype(float), scene(1, 1)[0].astype(float)
    blend = [
        (first * (1 - share) + second * share).astype(np.uint8)
        for share in np.linspace(0, 1, 25)
    ]
    assert starts([*[blend[0]] * 10, *blend, *[blend[-1]] * 10]) == []


def test_the_threshold_is_the_least_change():
    frames = scene(0) + scene(1)
    assert starts(frames, threshold=200) == []


def test_cuts_of_a_varying_rate_are_at_their_times():
    frames = scene(0, 6) + scene(1, 6)
    times = np.cumsum([0, *[0.04, 0.3, 0.1, 0.7, 0.04, 0.2] * 2])[:12]
    shots = detect_shots(encode(frames, times=times))
    assert shots[1:, 0] == pytest.approx([times[6]], abs=2e-3)


def test_a_bad_parameter_or_file_is_named():
    with pytest.raises(ValueError, match="'ratio' parameter of detect_shots must be"):
        detect_shots(b"", ratio=-1)
    with pytest.raises(MediaError, match="is empty"):
        detect_shots(b"")
