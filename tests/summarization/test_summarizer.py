"""A summary keeps what matters, within its length and unlike itself."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge

from mmclassic.encoding import BagOfWords
from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.image import ColorHistogram, DenseSIFT
from mmclassic.media import open_video
from mmclassic.persistence import load, save
from mmclassic.summarization import VideoSummarizer, rank_correlation
from mmclassic.video import FramePooling, detect_shots
from tests.common.clips import RATE, encode, tone

# Equally bright, so that none has more contrast than another.
RED, GREEN, BLUE, GREY = (230, 40, 40), (40, 137, 40), (70, 80, 255), (97, 97, 97)
SECONDS = 2  # of each scene


def scene(color, *, moving=False):
    """Return 20 frames of a colour, in which a block moves or stays."""
    frames = []
    for i in range(10 * SECONDS):
        frame = np.full((48, 64, 3), color, dtype=np.uint8)
        at = 2 * i if moving else 4
        frame[10:30, at : at + 16] = 250
        frames.append(frame)
    return frames


def film(*scenes, loud=()):
    """Return a film of scenes, and of noise where it is loud."""
    frames = [frame for own in scenes for frame in own]
    sound = 0.01 * tone(SECONDS * len(scenes))
    for i in loud:
        rng = np.random.default_rng(i)
        place = slice(i * SECONDS * RATE, (i + 1) * SECONDS * RATE)
        sound[place] = rng.uniform(-0.8, 0.8, SECONDS * RATE).astype(np.float32)
    return encode(frames, sound=sound)


def srt(*said):
    return "\n".join(
        f"00:00:{i * SECONDS:02d},200 --> 00:00:{i * SECONDS + 1:02d},800\n{text}\n"
        for i, text in enumerate(said)
        if text
    ).encode()


@pytest.fixture(scope="module")
def plain():
    return film(scene(RED), scene(GREEN), scene(BLUE), scene(GREY))


@pytest.fixture(scope="module")
def lively():
    return film(
        scene(RED), scene(GREEN, moving=True), scene(BLUE), scene(GREY), loud=[2]
    )


def kept(summary):
    """Return which scenes are kept, even in part."""
    middles = summary.segments[summary.chosen].mean(axis=1)
    return sorted(set((middles // SECONDS).astype(int).tolist()))


def test_segments_follow_the_shots_and_cover_the_video(lively):
    summary = VideoSummarizer(seconds=6, longest=5).summarize(lively)
    # Each scene of 2 s is two parts, of no more than 1.5 s.
    np.testing.assert_allclose(summary.segments[:, 0], np.arange(8), atol=1e-3)
    assert summary.segments[-1, 1] == summary.video.duration
    np.testing.assert_array_equal(summary.segments[1:, 0], summary.segments[:-1, 1])


@pytest.mark.parametrize("every", [0.5, 12.0])
def test_shots_are_found_while_frames_are_described(lively, every, monkeypatch):
    from mmclassic.media import _video_frames

    n_decoded = 0
    decoded_from = _video_frames.decoded_from

    def counting(*arguments):
        nonlocal n_decoded
        for item in decoded_from(*arguments):
            n_decoded += 1
            yield item

    monkeypatch.setattr(_video_frames, "decoded_from", counting)
    pictures = FramePooling(ColorHistogram(), every=every)
    summary = VideoSummarizer(longest=9, seconds=8, pictures=pictures).summarize(lively)
    # Of descriptions further apart the few frames are sought.
    assert n_decoded == 80 or (every == 12.0 and 80 < n_decoded < 130)
    monkeypatch.undo()
    np.testing.assert_array_equal(summary.segments[::2, 0], detect_shots(lively)[:, 0])


@pytest.mark.parametrize(
    ("seconds", "longest", "most"),
    [(24, 5, 3.0), (48, 5, 5.0), (48, 2, 2.0), (1, 5, 1)],
)
def test_parts_are_as_long_as_the_summary_and_the_parameter_allow(
    seconds, longest, most
):
    still = encode([np.full((48, 64, 3), GREY, dtype=np.uint8)] * 60, fps=1)
    summary = VideoSummarizer(seconds, longest=longest).summarize(still)
    lengths = np.diff(summary.segments).ravel()
    assert 0.9 * most < lengths.max() <= most + 1e-9


def test_long_shots_are_cut_into_equal_parts(lively):
    summary = VideoSummarizer(longest=0.5, seconds=4).summarize(lively)
    lengths = np.diff(summary.segments, axis=1)
    np.testing.assert_allclose(lengths, 0.5, atol=1e-3)


@pytest.mark.parametrize(
    ("weights", "scene_kept"),
    [({"pictures": 1, "sound": 0}, 1), ({"pictures": 0, "sound": 1}, 2)],
)
def test_motion_and_loudness_matter_as_they_are_weighted(lively, weights, scene_kept):
    summarizer = VideoSummarizer(seconds=2, weights=weights, decay=1.0)
    assert kept(summarizer.summarize(lively)) == [scene_kept]


def test_what_is_said_matters_where_there_are_subtitles(plain):
    said = srt("", "", "", "a treasure map lies hidden beneath the lighthouse")
    weights = {"pictures": 0, "sound": 0}
    summary = VideoSummarizer(seconds=2, weights=weights).summarize(plain, said)
    assert kept(summary) == [3]
    assert set(summary.scores) == {"pictures", "sound", "subtitles"}
    assert "lighthouse" in summary.texts[-1] and not summary.texts[0]


def test_rare_words_matter_more_than_repeated_ones(plain):
    said = srt("well well well", "well well well", "the pirates attack", "well well")
    weights = {"pictures": 0, "sound": 0}
    summarizer = VideoSummarizer(seconds=2, weights=weights, decay=1.0)
    assert kept(summarizer.summarize(plain, said)) == [2]


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.5, 5.0, 7.9])
def test_the_budget_holds_and_is_used(lively, seconds):
    summary = VideoSummarizer(seconds=seconds).summarize(lively)
    longest = np.diff(summary.segments, axis=1).max()
    assert seconds - longest < summary.seconds <= seconds + 1e-6
    assert summary.chosen.any()


def test_a_budget_beyond_the_video_keeps_all_of_it(plain):
    summary = VideoSummarizer(seconds=60).summarize(plain)
    assert summary.chosen.all()
    np.testing.assert_allclose(summary.spans, [[0, 8]], atol=1e-3)


def test_look_alikes_are_kept_once_where_others_are_left():
    made = film(scene(RED), scene(GREEN), scene(RED, moving=True), loud=[0, 2])
    once = VideoSummarizer(seconds=3.9, decay=0.0).summarize(made)
    groups = once.groups[once.chosen]
    assert len(set(groups)) == len(set(once.groups)) > 1
    often = VideoSummarizer(seconds=2.9, decay=1.0).summarize(made)
    assert len(set(often.groups[often.chosen])) < often.chosen.sum()


def test_blank_stretches_are_left_out():
    black = [np.zeros((48, 64, 3), dtype=np.uint8)] * 20
    made = encode(black + scene(RED) + black + scene(BLUE))
    summary = VideoSummarizer(seconds=2).summarize(made)
    assert set(kept(summary)) <= {1, 3}


def test_without_a_track_or_subtitles_pictures_decide():
    silent = encode(scene(RED) + scene(GREEN, moving=True))
    summary = VideoSummarizer(seconds=2, decay=1.0).summarize(silent)
    assert list(summary.scores) == ["pictures"]
    assert kept(summary) == [1]


def test_frames_of_a_varying_rate_are_summarised():
    times = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.4, 40)) - 0.01
    uneven = encode(scene(RED) + scene(BLUE, moving=True), times=times - times[0])
    summary = VideoSummarizer(share=0.5).summarize(uneven)
    assert 0 < summary.seconds <= 0.5 * summary.video.duration + 1e-6


@pytest.mark.parametrize("n_frames", [1, 2])
def test_a_clip_of_a_moment_is_its_own_summary(n_frames):
    summary = VideoSummarizer(seconds=5).summarize(encode(scene(RED)[:n_frames]))
    assert summary.chosen.tolist() == [True]
    assert 0 < VideoSummarizer().summarize(encode(scene(RED)[:n_frames])).seconds


def test_subtitles_of_another_video_are_refused_and_late_ones_warned_of(plain):
    late = b"00:05:00,0 --> 00:05:01,0\nlate\n"
    with pytest.raises(MediaError, match="no subtitle within the video's 8 s"):
        VideoSummarizer().summarize(plain, late)
    with pytest.warns(InvalidItemWarning, match="1 of 2 subtitles"):
        VideoSummarizer().summarize(plain, srt("early") + b"\n" + late)


def test_subtitles_belong_to_the_segments_that_show_them_long_enough(plain):
    said = (
        b"00:00:00,5 --> 00:00:03,0\ntwo\n\n00:00:01,0 --> 00:00:01,5\nwithin\n\n"
        b"00:00:03,9 --> 00:00:04,8\nmostly\n\n00:00:06,5 --> 00:00:06,5\nno time\n"
    )
    summary = VideoSummarizer(seconds=8).summarize(plain, said)
    expected = ["two", "two within", "two", "", "mostly", "", "no time", ""]
    assert summary.texts == expected


def people_who_like_green(n, at):
    scores = np.zeros((2, n))
    scores[:, at * n // 4 : (at + 1) * n // 4] = [[4], [5]]
    return scores


@pytest.fixture(scope="module")
def scored():
    colors = [RED, GREEN, BLUE, GREY]
    videos, scores = [], []
    for shift in range(4):
        order = np.roll(np.arange(4), shift)
        videos.append(film(*(scene(colors[k]) for k in order)))
        at = order.tolist().index(1)
        scores.append(people_who_like_green(80, at))
    return videos, scores


def test_scores_of_people_are_learned_from(scored, tmp_path):
    videos, scores = scored
    summarizer = VideoSummarizer(seconds=2).fit(videos[:3], scores[:3])
    summary = summarizer.summarize(videos[3])
    at = int(scores[3][0].argmax() // 20)
    assert kept(summary) == [at]
    held_out = videos[3:], scores[3:]
    unlearned = VideoSummarizer(seconds=2).fit(videos)
    assert summarizer.score(*held_out) > unlearned.score(*held_out)
    save(summarizer, tmp_path / "model.skops")
    again = load(tmp_path / "model.skops").summarize(videos[3])
    np.testing.assert_array_equal(again.importance, summary.importance)


def pitched(order):
    """Return a film of scenes that look alike, one with a high tone that is softer."""
    tones = [
        0.2 * tone(SECONDS, 1500.0) if k == 1 else tone(SECONDS, 300.0) for k in order
    ]
    frames = [frame for k in order for frame in scene(GREY)]
    return encode(frames, sound=np.concatenate(tones))


def test_a_cue_of_the_sound_alone_is_learned_and_outdoes_what_is_not():
    orders = [np.roll(np.arange(4), shift) for shift in range(4)]
    videos = [pitched(order) for order in orders]
    scores = [np.repeat(order == 1, 20).astype(float) for order in orders]
    most = np.sqrt(0.5)  # of scores that tie: one liked scene of four
    learned = VideoSummarizer(seconds=2).fit(videos[:3], scores[:3])
    unlearned = VideoSummarizer(seconds=2)
    found, by_chance = (
        each.score(videos[3:], scores[3:]) for each in (learned, unlearned)
    )
    assert 0.8 * most < found <= 1 and by_chance < found - 0.2


def test_pictures_that_learn_are_fitted_on_the_videos(scored, tmp_path):
    videos, scores = scored
    words = BagOfWords(DenseSIFT(8), n_words=4, random_state=0)
    pictures = FramePooling(words, every=0.5, max_fit_frames=12)
    summarizer = VideoSummarizer(seconds=2, pictures=pictures)
    with pytest.raises(NotFittedError, match="Call 'fit' with videos first"):
        summarizer.summarize(videos[0])
    assert summarizer.__sklearn_tags__().requires_fit
    first = clone(summarizer).fit(videos, scores)
    assert not hasattr(pictures, "transformer_")
    save(first, tmp_path / "model.skops")
    again = load(tmp_path / "model.skops").predict(videos[:2])
    for summary, other in zip(first.predict(videos[:2]), again, strict=True):
        np.testing.assert_array_equal(summary.importance, other.importance)


def test_scores_learn_from_what_is_said_too(scored):
    videos, scores = scored
    table = pd.DataFrame({"video": videos, "subtitles": [srt("one", "two")] * 4})
    summarizer = VideoSummarizer(regressor=Ridge()).fit(table, scores)
    assert [name for name, *_ in summarizer.fusion_.parts] == [
        "pictures",
        "sound",
        "subtitles",
    ]
    assert len(summarizer.predict(table)) == 4
    # Subtitles may be missing where they were there in training, and sound as well.
    summary = summarizer.summarize(encode(scene(RED) + scene(GREEN)))
    assert np.isfinite(summary.importance).all()


def test_scores_may_be_of_every_frame_or_every_second(scored):
    videos, _ = scored
    frames = np.repeat(np.arange(8.0), 10)
    by_frame = VideoSummarizer().fit(videos[:1], [frames])
    by_second = VideoSummarizer().fit(videos[:1], [np.arange(8.0)])
    importance = [s.summarize(videos[1]).importance for s in (by_frame, by_second)]
    np.testing.assert_allclose(*importance, atol=1e-6)


def test_importance_is_told_at_any_time(lively):
    summary = VideoSummarizer(seconds=2).summarize(lively)
    at = summary.importance_at([0.0, 3.0, 7.9, 100.0])
    assert at[0] == summary.importance[0] and at[3] == summary.importance[-1]
    inside = summary.segments[summary.chosen].mean(axis=1)
    assert summary.is_chosen_at(inside).all()
    own = summary.importance_at(np.arange(0, 8, 0.1))
    assert rank_correlation(own, own) == pytest.approx(1)


def test_it_repeats_clones_and_pickles(lively):
    summarizer = VideoSummarizer(seconds=3, weights={"sound": 2.0})
    copies = (summarizer, clone(summarizer), pickle.loads(pickle.dumps(summarizer)))
    first, *others = (each.fit([lively]).summarize(lively) for each in copies)
    for other in others:
        np.testing.assert_array_equal(other.importance, first.importance)
        np.testing.assert_array_equal(other.chosen, first.chosen)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seconds", 0),
        ("share", 1.5),
        ("decay", 2),
        ("longest", 0),
        ("weights", {"x": 1}),
        ("weights", {"sound": np.inf}),
        ("weights", {"sound": "a"}),
    ],
)
def test_a_bad_parameter_is_named(plain, name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of VideoSummarizer must"):
        VideoSummarizer(**{"seconds": None, name: value}).summarize(plain)


def test_rows_are_named_and_shapes_checked(plain):
    with pytest.raises(MediaError, match=r"^Row 1 \(5 bytes\) holds text"):
        VideoSummarizer().predict([plain, b"words"])
    with pytest.raises(MediaError, match=r"Row 0 \(None\) is missing"):
        VideoSummarizer().fit([None])
    with pytest.raises(ValueError, match="1 videos and y scores of 2"):
        VideoSummarizer().fit([plain], [[1], [2]])
    with pytest.raises(ValueError, match="scores of row 0 must be finite"):
        VideoSummarizer().fit([plain], [[np.nan]])
    with pytest.raises(ValueError, match="columns 'video' and"):
        VideoSummarizer().fit(pd.DataFrame({"video": [plain], "sound": [1]}))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "the target y is None"),
        ([], "X has 1 videos and y scores of 0"),
        ([[[1, 2], [1]]], "The scores of row 0 are no array of numbers"),
        ([[1, np.nan]], "The scores of row 0 must be finite"),
    ],
)
def test_scores_to_compare_with_are_checked(plain, y, message):
    with pytest.raises(ValueError, match=message):
        VideoSummarizer().score([plain], y)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="of Linux")
def test_memory_does_not_grow_with_the_length(tmp_path):
    code = (
        "import sys\nfrom mmclassic.summarization import VideoSummarizer\n"
        "VideoSummarizer(seconds=3).summarize(sys.argv[1])\n"
        "status = open('/proc/self/status').read()\n"
        "print(status.split('VmHWM:')[1].split()[0])"
    )
    peaks = []
    for n_scenes in (4, 60):
        path = tmp_path / f"{n_scenes}.mp4"
        colors = [RED, GREEN, BLUE] * (n_scenes // 3 + 1)
        path.write_bytes(film(*map(scene, colors[:n_scenes])))
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.1 * peaks[0] + 10_000


@pytest.mark.parametrize("name", ["bikes.mp4", "big_buck_bunny.webm"])
def test_real_clips_are_summarised_shot_by_shot(data_folder, name):
    summary = VideoSummarizer(seconds=4).summarize(data_folder / "video" / name)
    assert 2 < summary.seconds <= 4
    assert ("sound" in summary.scores) == open_video(summary.video).has_audio
    assert len(set(summary.groups[summary.chosen])) > 1
