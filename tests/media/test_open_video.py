"""Videos are read by time: exactly, a frame at a time, and never a broken one."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mmclassic.exceptions import MediaError
from mmclassic.media import open_video
from tests.common.clips import RATE, encode, frame_of, number_of, tone

UNEVEN = [0.0, 0.1, 0.15, 1.0, 1.05, 3.0, 3.5]


@pytest.fixture(scope="module")
def clip():
    return encode([frame_of(i) for i in range(40)], sound=tone(4.0))


@pytest.fixture(scope="module")
def uneven():
    return encode([frame_of(i) for i in range(len(UNEVEN))], times=UNEVEN)


def test_it_knows_length_rate_and_size(clip):
    video = open_video(clip)
    assert video.duration == pytest.approx(4.0)
    assert video.frame_rate == 10
    assert video.size == (48, 64)
    assert video.sample_rate == RATE and video.has_audio


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "libx264"), ("mp4", "mpeg4"), ("webm", "libvpx"), ("avi", "mpeg4")],
)
def test_frames_come_once_each_in_order_and_at_their_times(container, codec):
    made = encode([frame_of(i) for i in range(30)], container=container, codec=codec)
    times, frames = zip(*open_video(made).frames(), strict=True)
    np.testing.assert_allclose(times, np.arange(30) / 10, atol=1e-3)
    assert [number_of(frame) for frame in frames] == list(range(30))
    assert frames[0].dtype == np.uint8 and frames[0].shape == (48, 64, 3)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "libx264"), ("webm", "libvpx"), ("avi", "mpeg4"), ("mpegts", "libx264")],
)
def test_any_time_gives_the_frame_that_is_shown_then(container, codec):
    made = encode([frame_of(i) for i in range(40)], container=container, codec=codec)
    video = open_video(made)
    shown = [number_of(video.frame_at(i / 10 + 0.05)) for i in range(40)]
    assert shown == list(range(40))


def test_a_range_of_times_is_half_open(clip):
    times = [time for time, _ in open_video(clip).frames(1.0, 2.0)]
    np.testing.assert_allclose(times, 1 + np.arange(10) / 10)


def test_samples_are_evenly_spaced_whatever_the_rate(clip):
    for start, stop, every in ((0.0, None, 0.25), (1.0, 3.0, 0.07), (0.5, 0.6, 1.0)):
        sampled = list(open_video(clip).frames(start, stop, every=every))
        wanted = np.arange(start, stop or 4.0, every)
        np.testing.assert_allclose([time for time, _ in sampled], wanted)
        shown = [number_of(frame) for _, frame in sampled]
        assert shown == np.floor(wanted * 10 + 1e-6).astype(int).tolist()


def test_sparse_samples_are_what_dense_ones_are():
    long = encode([frame_of(i) for i in range(80)], fps=1)
    sparse = list(open_video(long).frames(every=15.0))
    assert [time for time, _ in sparse] == [0, 15, 30, 45, 60, 75]
    assert [number_of(frame) for _, frame in sparse] == [0, 15, 30, 45, 60, 11]


def test_frames_of_varying_rate_are_shown_until_the_next(uneven):
    video = open_video(uneven)
    times = [time for time, _ in video.frames()]
    np.testing.assert_allclose(times, UNEVEN, atol=2e-3)
    for time, number in ((0.12, 1), (0.9, 2), (2.9, 4), (3.2, 5)):
        assert number_of(video.frame_at(time)) == number
    sampled = [number_of(frame) for _, frame in video.frames(0.05, 3.1, every=0.5)]
    assert sampled == [0, 2, 4, 4, 4, 4, 5]


def test_frames_are_scaled_while_they_are_decoded(clip):
    _, frame = next(open_video(clip).frames(size=(12, 16)))
    assert frame.shape == (12, 16, 3)


def test_frames_outlive_their_decoder_and_may_be_written_to(clip):
    first = [frame for _, frame in open_video(clip).frames()]
    copies = [frame.copy() for frame in first]
    for frame in first[::2]:
        frame[:] = 0
    again = [frame for _, frame in open_video(clip).frames()]
    np.testing.assert_array_equal(again, copies)
    np.testing.assert_array_equal(first[1], copies[1])


def test_a_frame_stored_as_rgb_may_be_written_to_while_it_decodes():
    frames = [frame_of(0)] * 6
    buffer = BytesIO()
    pictures = [Image.fromarray(frame) for frame in frames]
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:])
    seen = 0
    for _, frame in open_video(buffer.getvalue()).frames():
        assert number_of(frame) == 0
        frame[:] = 0
        seen += 1
    assert seen >= 1


def test_a_video_recorded_on_its_side_is_turned_upright():
    upright = frame_of(5)
    stored = np.rot90(upright, -1)  # as a phone stores what it says to turn back
    plain = encode([np.ascontiguousarray(stored)] * 5)
    turned = BytesIO()
    with av.open(BytesIO(plain)) as source, av.open(turned, "w", format="mp4") as file:
        stream = file.add_stream_from_template(source.streams.video[0])
        if not hasattr(stream, "set_display_rotation"):
            pytest.skip("this version of PyAV writes no rotation")
        stream.set_display_rotation(90)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                file.mux(packet)
    video = open_video(turned.getvalue())
    assert video.size == upright.shape[:2]
    assert number_of(video.frame_at(0.0)) == 5


def test_sound_is_as_long_as_asked_for_and_in_its_place(clip):
    video = open_video(clip)
    whole = video.audio()
    assert whole.sample_rate == RATE and whole.samples.shape == (4 * RATE,)
    assert np.corrcoef(whole.samples[800:-800], tone(4.0)[800:-800])[0, 1] > 0.99
    part = video.audio(1.3, 2.1)
    np.testing.assert_allclose(
        part.samples, whole.samples[int(1.3 * RATE) : int(2.1 * RATE)], atol=1e-6
    )


def test_blocks_of_sound_are_the_sound(clip):
    video = open_video(clip)
    times, blocks = zip(*video.audio_blocks(0.2, 3.9, seconds=0.7), strict=True)
    np.testing.assert_allclose(times, 0.2 + 0.7 * np.arange(6), atol=1e-9)
    joined = np.concatenate([block.samples for block in blocks])
    np.testing.assert_array_equal(joined, video.audio(0.2, 3.9).samples)


def test_a_track_that_ends_early_is_followed_by_silence():
    short = encode([frame_of(i) for i in range(40)], sound=tone(1.0))
    samples = open_video(short).audio().samples
    assert len(samples) == 4 * RATE
    assert np.abs(samples[: RATE // 2]).max() > 0.3
    assert not samples[2 * RATE :].any()


def test_without_a_track_it_says_so():
    video = open_video(encode([frame_of(0)] * 5))
    assert not video.has_audio and video.sample_rate is None
    with pytest.raises(MediaError, match="no track of sound. Ask has_audio"):
        video.audio()


@pytest.mark.parametrize(
    ("container", "codec"), [("mp4", "libx264"), ("webm", "libvpx"), ("avi", "mpeg4")]
)
@pytest.mark.parametrize("share", [0.5, 0.98])
def test_a_video_that_is_cut_short_is_refused(tmp_path, container, codec, share):
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 255, (30, 48, 64, 3), dtype=np.uint8)
    whole = encode(frames, container=container, codec=codec)
    path = tmp_path / f"clip.{container}"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(MediaError, match=r"clip\.\w+' is cut short.*Replace the file"):
        open_video(path)


def test_what_holds_no_moving_pictures_is_refused_by_what_it_is(tmp_path):
    sound = encode([], sound=tone(1.0))
    with pytest.raises(MediaError, match=r"no moving pictures \(sound only\)"):
        open_video(sound)
    picture = BytesIO()
    Image.fromarray(frame_of(0)).save(picture, "PNG")
    with pytest.raises(MediaError, match="a PNG picture"):
        open_video(picture.getvalue())
    with pytest.raises(MediaError, match="holds text, not a video"):
        open_video(b"subtitles, perhaps, but no pictures at all " * 5)
    with pytest.raises(MediaError, match="does not exist"):
        open_video(tmp_path / "none.mp4")
    with pytest.raises(MediaError, match="is not a video. A cell may hold"):
        open_video(7)


@pytest.mark.parametrize("container", ["mp4", "webm"])
def test_a_clip_of_length_zero_is_refused(container):
    codec = "libx264" if container == "mp4" else "libvpx"
    buffer = BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=10)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        file.start_encoding()
    with pytest.raises(MediaError, match="drop the row|convert it to mp4|Correct"):
        open_video(buffer.getvalue())


def test_a_playlist_opens_no_other_file(tmp_path, clip):
    (tmp_path / "other.mp4").write_bytes(clip)
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"
        f"{tmp_path / 'other.mp4'}\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(MediaError, match=r"list\.m3u8' holds text"):
        open_video(playlist)


def test_limits_are_checked_before_decoding(clip):
    with pytest.raises(MediaError, match="64x48 = 3072 pixels, more than max_pixels"):
        open_video(clip, max_pixels=3000)
    with pytest.raises(MediaError, match="lasts 4 s, more than max_seconds=3"):
        open_video(clip, max_seconds=3)
    for name in ("max_pixels", "max_seconds"):
        with pytest.raises(ValueError, match=f"'{name}' parameter of open_video must"):
            open_video(clip, **{name: 0})


def test_times_outside_are_refused(clip):
    video = open_video(clip)
    for time in (-0.1, 4.0, np.nan):
        with pytest.raises(ValueError, match=r"no frame at .* Give a time in \[0, 4\)"):
            video.frame_at(time)
    with pytest.raises(ValueError, match="'every' parameter must be a float"):
        next(video.frames(every=0))


@pytest.mark.parametrize(
    ("start", "stop"), [(np.nan, 1), (0, np.nan), (3, 1), (9, None), (-np.inf, 1)]
)
def test_what_is_no_span_of_time_is_refused(clip, start, stop):
    video = open_video(clip)
    for read in (video.frames, video.audio, video.audio_blocks):
        with pytest.raises(ValueError, match="Give numbers of seconds in order"):
            list(read(start, stop)) if read != video.audio else read(start, stop)
    assert list(video.frames(1, 1)) == [] and not len(video.audio(1, 1).samples)


@pytest.mark.parametrize("name", ["bikes.mp4", "big_buck_bunny.webm", "vtest.avi"])
def test_real_clips_are_sought_exactly(data_folder, name):
    video = open_video(data_folder / "video" / name)
    thumbs = list(video.frames(size=(36, 64)))
    assert len(thumbs) == {"bik": 250, "big": 720, "vte": 795}[name[:3]]
    times = np.array([time for time, _ in thumbs])
    for time in np.random.default_rng(0).uniform(0, video.duration, 12):
        shown = max(0, np.searchsorted(times, time, side="right") - 1)
        np.testing.assert_array_equal(
            video.frame_at(time, size=(36, 64)), thumbs[shown][1]
        )


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="of Linux")
def test_memory_does_not_grow_with_the_length(tmp_path):
    code = (
        "import sys\nfrom mmclassic.media import open_video\n"
        "video = open_video(sys.argv[1])\n"
        "for _ in video.frames(): pass\nfor _ in video.audio_blocks(): pass\n"
        "status = open('/proc/self/status').read()\n"
        "print(status.split('VmHWM:')[1].split()[0])"
    )
    peaks = []
    for n_frames in (50, 1500):
        path = tmp_path / f"{n_frames}.mp4"
        frames = (frame_of(i, (240, 320)) for i in range(n_frames))
        path.write_bytes(encode(list(frames), sound=tone(n_frames / 10)))
        command = [sys.executable, "-c", code, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.15 * peaks[0] + 10_000  # KiB; a frame has 225
