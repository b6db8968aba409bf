"""A run that was stopped goes on where it was, and takes nothing that is stale."""

import os
import signal
import subprocess
import sys
from shutil import copy

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.pipeline import make_pipeline

from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.extraction import extract_features
from mmclassic.extraction._folder import Folder
from mmclassic.image import HOG, ColorHistogram
from mmclassic.text import TfidfVectorizer
from tests.extraction.conftest import wait_for

COLOR = [("color", ColorHistogram(), "image")]


class StopError(Exception):
    pass


@pytest.fixture
def items(made, tmp_path):
    """The table, its pictures copied where they may be changed."""
    folder = tmp_path / "items"
    folder.mkdir()
    frame = made.copy()
    for row, path in made["image"].dropna().items():
        copied = folder / f"{row}.png"
        copy(path, copied)
        frame.loc[row, "image"] = str(copied)
    return frame


@pytest.fixture
def output(tmp_path):
    return tmp_path / "f.parquet"


def stop_after(n_rows):
    done = []

    def count(n):
        done.append(n)
        if sum(done) >= n_rows:
            raise StopError

    return count


def stopped(frame, output, parts=COLOR, n_rows=64, **settings):
    """Extract until some rows are done."""
    with pytest.raises(StopError):
        extract_features(frame, output, parts, progress=stop_after(n_rows), **settings)
    assert not output.exists()


def test_only_what_is_left_is_described(items, output, tmp_path):
    stopped(items, output)
    done = extract_features(items, output, COLOR)
    assert (done.n_rows, done.n_described) == (120, 56)
    whole = extract_features(items, tmp_path / "whole.parquet", COLOR)
    assert whole.n_described == 120
    assert output.read_bytes() == whole.path.read_bytes()
    assert not output.with_name("f.parquet.parts").exists()
    # Once it is written whole, it is written anew.
    assert extract_features(items, output, COLOR).n_described == 120


def test_a_file_that_changed_is_described_again(items, output):
    stopped(items, output)
    first = items["image"].dropna().iloc[:2].tolist()
    before = os.stat(first[0])
    os.replace(first[1], first[0])
    os.utime(first[0], ns=(before.st_atime_ns, before.st_mtime_ns))
    items["image"] = items["image"].replace(first[1], first[0])
    done = extract_features(items, output, COLOR)
    assert done.n_described == 32 + 56
    expected = ColorHistogram().fit_transform(items["image"].dropna())
    table = pd.read_parquet(output)
    assert np.array_equal(np.stack(table["color"].dropna()), expected)


def test_a_file_that_moved_is_known_by_its_content(items, output, tmp_path):
    stopped(items, output)
    (tmp_path / "items").rename(tmp_path / "moved")
    moved = items.assign(image=items["image"].str.replace("/items/", "/moved/"))
    assert extract_features(moved, output, COLOR).n_described == 56


def test_rows_in_another_order_are_described_again(items, output):
    stopped(items, output)
    assert extract_features(items[::-1], output, COLOR).n_described == 120


def test_rows_that_were_appended_are_described_too(items, output):
    stopped(items[:100], output)
    done = extract_features(items, output, COLOR)
    assert (done.n_rows, done.n_described) == (120, 56)
    assert len(pd.read_parquet(output)) == 120


def test_what_is_only_kept_may_change(items, output):
    stopped(items, output)
    done = extract_features(items.assign(label="new"), output, COLOR)
    assert done.n_described == 56
    assert set(pd.read_parquet(output)["label"]) == {"new"}


@pytest.mark.parametrize(
    "parts",
    [
        [("color", ColorHistogram(n_bins=3), "image")],
        [("colour", ColorHistogram(), "image")],
        [("color", HOG((32, 32)), "image")],
        [*COLOR, ("shape", HOG((32, 32)), "image")],
    ],
)
def test_other_parts_take_nothing(items, output, parts):
    stopped(items, output)
    assert extract_features(items, output, parts).n_described == 120


def test_another_invalid_or_number_of_workers_takes_what_is_there(items, output):
    stopped(items, output)
    parts = [("color", ColorHistogram(invalid="missing", n_jobs=2), "image")]
    assert extract_features(items, output, parts, n_jobs=2).n_described == 56


def test_a_part_that_was_fitted_to_other_rows_takes_nothing(items, output):
    def topics(rows):
        svd = TruncatedSVD(3, random_state=0)
        made = make_pipeline(TfidfVectorizer(), svd).fit(items["text"][rows].dropna())
        return [("topics", made, "text")]

    stopped(items, output, topics(slice(0, 40)), 32)
    stopped(items, output, topics(slice(0, 40)), 64)  # equal, not the same
    assert extract_features(items, output, topics(slice(0, 40))).n_described == 56
    output.unlink()
    stopped(items, output, topics(slice(0, 40)), 64)
    assert extract_features(items, output, topics(slice(9, 50))).n_described == 120


def test_a_text_that_changed_is_described_again(items, output):
    topics = make_pipeline(TfidfVectorizer(), TruncatedSVD(3, random_state=0))
    topics.fit(items["text"].dropna())
    parts = [("topics", topics, "text")]
    stopped(items, output, parts)
    row = items["text"].first_valid_index()
    items.loc[row, "text"] = "a blue kettle"
    assert extract_features(items, output, parts).n_described == 32 + 56


def test_other_code_takes_nothing(items, output, monkeypatch):
    stopped(items, output)
    monkeypatch.setattr("mmclassic.extraction._parts.identity_digest", lambda _: b"new")
    assert extract_features(items, output, COLOR).n_described == 120


def test_a_part_without_a_lasting_identity_begins_anew(items, output):
    class Lengths(ColorHistogram):
        pass

    parts = [("color", Lengths(), "image")]
    stopped(items, output, parts)
    assert extract_features(items, output, parts).n_described == 120


@pytest.mark.parametrize("damage", ["cut", "zeros", "empty", "a bit"])
def test_a_damaged_chunk_is_described_again(items, output, damage):
    stopped(items, output)
    chunk = sorted(output.with_name("f.parquet.parts").glob("*.npz"))[0]
    whole = chunk.read_bytes()
    half = len(whole) // 2
    flipped = whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :]
    damaged = {
        "cut": whole[:half],
        "zeros": whole[:half] + bytes(len(whole) - half),
        "empty": b"",
        "a bit": flipped,
    }
    chunk.write_bytes(damaged[damage])
    assert extract_features(items, output, COLOR).n_described == 32 + 56


def test_invalid_rows_of_an_earlier_run_are_named_too(items, output):
    items.loc[[3, 110], "image"] = "absent.png"
    stopped(items, output, invalid="missing")
    with pytest.warns(InvalidItemWarning, match=r"2 invalid .* rows 3, 110\.") as told:
        done = extract_features(items, output, COLOR, invalid="missing")
    assert done.n_described == 56 and len(told) == 1


def test_an_invalid_row_of_an_earlier_run_stops_where_it_must(items, output):
    items.loc[3, "image"] = "absent.png"
    stopped(items, output, invalid="missing")
    with pytest.raises(MediaError, match=r"^Row 3 \('absent.png'\)"):
        extract_features(items, output, COLOR)


def test_after_an_error_the_invalid_may_be_left_out(items, output):
    items.loc[100, "image"] = "absent.png"
    with pytest.raises(MediaError, match="^Row 100 "):
        extract_features(items, output, COLOR)
    with pytest.warns(InvalidItemWarning, match="rows 100"):
        done = extract_features(items, output, COLOR, invalid="missing")
    assert done.n_described == 24


def test_after_an_error_the_finished_rows_are_kept(items, output):
    items.loc[100, "image"] = "absent.png"
    with pytest.raises(MediaError, match="^Row 100 "):
        extract_features(items, output, COLOR)
    items.loc[100, "image"] = items["image"].dropna().iloc[0]
    assert extract_features(items, output, COLOR).n_described == 24


def test_an_older_table_stands_until_the_new_one_is_whole(items, output):
    extract_features(items, output, COLOR)
    older = output.read_bytes()
    parts = [("shape", HOG((32, 32)), "image")]
    with pytest.raises(StopError):
        extract_features(items, output, parts, progress=stop_after(64))
    assert output.read_bytes() == older
    assert extract_features(items, output, parts).n_described == 56
    assert list(pd.read_parquet(output)) == [*items, "shape"]


def test_items_of_different_lengths_are_refused(items, output):
    parts = [("shape", Uneven(), "image")]
    with pytest.raises(ValueError, match="gives 3 features for row 64 and 2 for the"):
        extract_features(items, output, parts)
    assert not output.exists()


class Uneven(ColorHistogram):
    """Gives longer rows later on."""

    def transform(self, X):
        return np.zeros((len(X), 2 if X.index[0] < 60 else 3), dtype=np.float32)


SLOW = """
import sys, time
import pandas as pd
from mmclassic.extraction import extract_features
from mmclassic.image import ColorHistogram

def wait(n):
    time.sleep(float(sys.argv[3]))

frame = pd.read_csv(sys.argv[1])
parts = [("color", ColorHistogram(), "image")]
extract_features(frame, sys.argv[2], parts, progress=wait)
"""


@pytest.fixture
def slow(items, output, tmp_path):
    """Start a process that extracts, and takes its time after each chunk."""
    items.to_csv(tmp_path / "items.csv", index=False)
    processes = []

    def start(seconds=60):
        processes.append(
            subprocess.Popen(
                [
                    *(sys.executable, "-c", SLOW, tmp_path / "items.csv"),
                    *(output, str(seconds)),
                ],
                stderr=subprocess.PIPE,
            )
        )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def n_chunks(output):
    return len(list(output.with_name("f.parquet.parts").glob("*.npz")))


def test_a_killed_run_goes_on_and_leaves_no_lock(items, output, slow):
    running = slow()
    wait_for(lambda: n_chunks(output) >= 1)
    with pytest.raises(FileExistsError, match="Another run writes '.*f.parquet' now"):
        extract_features(items, output, COLOR)
    running.send_signal(signal.SIGKILL)
    running.wait()
    n_kept = n_chunks(output)
    done = extract_features(items, output, COLOR)
    assert 1 <= n_kept < 4
    assert done.n_described == 120 - 32 * n_kept
    assert len(pd.read_parquet(output)) == 120


def test_a_process_that_waited_for_a_removed_lock_takes_a_new_one(tmp_path):
    from mmclassic.extraction._lock import _is_same, locked

    folder = tmp_path / "parts"
    with locked(folder, "taken"):
        handle = os.open(folder / "lock", os.O_RDWR)
        assert _is_same(folder / "lock", handle)
        os.unlink(folder / "lock")
        assert not _is_same(folder / "lock", handle)
        os.close(handle)
        with locked(folder, "taken") as again:
            assert again.folder == folder


FULL = """
import resource, signal, sys
import pandas as pd
from mmclassic.extraction import extract_features
from mmclassic.image import HOG
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
frame = pd.read_csv(sys.argv[1])
extract_features(frame, sys.argv[2], [("shape", HOG((64, 64)), "image")])
"""


@pytest.mark.parametrize(
    ("n_bytes", "n_kept"), [(20_000, 0), (500_000, 4)], ids=["chunk", "table"]
)
def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    items, output, tmp_path, n_bytes, n_kept
):
    shape = [("shape", HOG((64, 64)), "image")]
    items.to_csv(tmp_path / "items.csv", index=False)
    output.write_bytes(b"older")
    done = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path / "items.csv", output, str(n_bytes)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "f.parquet.parts' is full. Make room and run it again" in done.stderr
    assert output.read_bytes() == b"older"
    assert n_chunks(output) == n_kept
    assert extract_features(items, output, shape).n_described == 120 - 32 * n_kept + (
        8 if n_kept else 0
    )
    assert len(pd.read_parquet(output)) == 120


def test_an_unfinished_chunk_of_a_killed_process_is_no_chunk(items, output):
    folder = output.with_name("f.parquet.parts")
    folder.mkdir()
    (folder / "000000000000.npz.unfinished").write_bytes(b"half")
    assert Folder(folder).known(0, "error") == ""
    assert extract_features(items, output, COLOR).n_described == 120
    assert not folder.exists()
