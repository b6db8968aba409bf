"""Every group of the benchmarks runs, small, on made data and on the real."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import OF_TIME
from benchmarks.fusion.models import EQUAL, names
from benchmarks.results import read_results

ROOT = Path(__file__).parents[2]
# What the numbers of both may differ by, as the rows' own measures say.
PARITY = {
    "mfcc 5 s": 1e-3,
    "mfcc 0.5 s": 1e-3,
    "hog 512 uint8": 1e-6,
    "hog 64 uint8": 1e-6,
    "hog 512 float32": 1e-6,
    "dense_sift bins of 4": 0.02,
    "dense_sift bins of 8": 0.02,
    "dense_sift bins of 12": 0.02,
    "dense_sift bins of 24": 0.02,
    "MFCC from files": 1e-3,
    "HOG from files": 0.05,
}


def run(*arguments, data=None):
    environment = {**os.environ, "MMCLASSIC_DATA": str(data or ROOT / "absent")}
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


def read_rows(path):
    return {row.name: row for each in read_results(path) for row in each.rows}


def check_rows(done, path, *, real):
    assert done.returncode == 0, done.stderr
    rows = read_rows(path)
    for name, row in rows.items():
        assert name in done.stdout and row.protocol
        assert row.real is real
    return rows


def check_times(done, path, *, real):
    assert done.returncode == 0, done.stderr
    assert "Quick: a sample" in done.stdout
    rows = read_rows(path)
    for name, row in rows.items():
        assert name in done.stdout
        assert row.ours >= 0 and row.protocol
        # A sample can't tell whether what is asked is reached.
        assert not row.missed and row.at_least is row.at_most is None
        assert row.floor is row.ceiling is None
        if row.ratio:
            middle, low, high = row.ratio
            assert 0 < low <= middle <= high
    for name in PARITY.keys() & rows.keys():
        assert 0 <= rows[name].error < PARITY[name], name
        assert rows[name].real is real, name
    return rows


def test_all_figures_of_time_run_on_made_data_and_equal_their_peers(tmp_path):
    files = {"--json": tmp_path / "rows.json", "--plot": tmp_path / "ratios.png"}
    done = run("--quick", *(part for pair in files.items() for part in pair))
    rows = check_times(done, files["--json"], real=False)
    assert set(PARITY) <= set(rows)
    assert {each.group for each in read_results(files["--json"])} == set(OF_TIME)
    assert files["--plot"].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "figures",
    [("kernels",), ("encoders", "sift", "word2vec"), ("pipeline",)],
    ids=lambda figures: figures[0],
)
def test_figures_of_time_run_on_a_sample_of_the_real_data(
    tmp_path, data_folder, figures
):
    written = tmp_path / "rows.json"
    done = run(*figures, "--quick", "--json", written, data=data_folder)
    assert all(row.real for row in check_times(done, written, real=True).values())


def test_figures_of_callbacks_run_and_count_tasks(tmp_path):
    written = tmp_path / "rows.json"
    done = run("callbacks", "--quick", "--json", written)
    rows = check_times(done, written, real=False)
    assert set(rows) == {"callbacks of a pipeline", "callbacks of an encoder"}
    # Four tasks to describe eight pictures, four to encode, one to learn, and all.
    assert "told of 10 tasks" in rows["callbacks of an encoder"].protocol
    assert all(row.ratio[0] > 1 for row in rows.values())


@pytest.mark.parametrize("kind", ["made", "real"])
def test_figures_of_the_cache_run_and_count_its_work(tmp_path, request, kind):
    written = tmp_path / "rows.json"
    data = request.getfixturevalue("data_folder") if kind == "real" else None
    done = run("cache", "--quick", "--json", written, data=data)
    rows = check_times(done, written, real=kind == "real")
    assert rows["second process: DenseSIFT"].error == 0
    assert rows["grid search"].error == 0
    accuracy = rows["grid search, accuracy"]
    assert accuracy.ours == accuracy.peers["without cache"] > 15
    # Two folds and the refit; without a cache each of the twelve candidates anew.
    for name, ours, peer in (
        ("descriptions of an image", 1, 25),
        ("codebooks", 3, 25),
        ("encodings of an image by a codebook", 1, 25 / 3),
    ):
        row = rows[f"grid search, {name}"]
        assert row.ours == ours
        assert row.peers["without cache"] == pytest.approx(peer)


@pytest.mark.parametrize("kind", ["made", "real"])
def test_figures_of_two_workers_run(tmp_path, request, kind):
    written = tmp_path / "rows.json"
    data = request.getfixturevalue("data_folder") if kind == "real" else None
    done = run("parallel", "--quick", "--json", written, data=data)
    rows = check_times(done, written, real=kind == "real")
    assert rows.pop("plain C, threads").real is False
    estimators = ("HOG", "SIFT", "DenseSIFT", "MFCC", "BagOfWords")
    assert set(rows) == {
        f"{name}, {workers}"
        for name in estimators
        for workers in ("threads", "processes")
    }
    assert {row.real for row in rows.values()} == {kind == "real"}


@pytest.mark.parametrize("kind", ["made", "real"])
def test_figures_of_a_cluster_run(tmp_path, request, kind):
    written = tmp_path / "rows.json"
    data = request.getfixturevalue("data_folder") if kind == "real" else None
    done = run("distributed", "--quick", "--json", written, data=data)
    rows = check_times(done, written, real=kind == "real")
    names = "cluster of one worker", "cluster of two workers"
    assert {*names, "extraction, memory of 160 rows"} < set(rows)
    size = rows["size of an extracted row"]
    assert 0 < size.ours < 4 * size.peers["float32"]
    assert all(row.real is (kind == "real") for row in rows.values())


@pytest.mark.parametrize("kind", ["made", "real"])
def test_figures_of_every_fusion_run(tmp_path, request, kind):
    written = tmp_path / "rows.json"
    data = request.getfixturevalue("data_folder") if kind == "real" else None
    done = run("fusion", "--quick", "--json", written, data=data)
    assert done.returncode == 0, done.stderr
    rows = read_rows(written)
    tables = "stamps, no speech", "stamps", "scenes", "scenes, official", "made"
    for table, alone in zip(tables, (2, 3, 4, 4, 3), strict=True):
        own = {n: row for n, row in rows.items() if n.startswith(f"{table}: ")}
        fused = {f"{table}: {name}": own[f"{table}: {name}"] for name in names()}
        assert sum(name.endswith(" alone") for name in own) == alone
        for name, row in fused.items():
            assert name in done.stdout and 0 <= row.ours <= 100
            best = next(iter(row.differences))
            singles = [r.ours for n, r in own.items() if n.endswith(" alone")]
            assert best.startswith("to ") and best.endswith(" alone")
            gain, error = row.differences[best]
            assert gain == pytest.approx(row.ours - max(singles)) and error >= 0
        for learned, equal in EQUAL.items():
            gain, _ = fused[f"{table}: {learned}"].differences["to equal"]
            other = fused[f"{table}: {equal}"].ours
            assert gain == pytest.approx(fused[f"{table}: {learned}"].ours - other)
    best = max(rows[f"stamps: {name}"].ours for name in names())
    assert rows["stamps: best"].ours == best
    # Even a sample tells the classes apart, by chance 25 percent are right.
    assert rows["made: late product, learned"].ours > 60
    assert {row.real for n, row in rows.items() if n[:4] != "made"} == {kind == "real"}


@pytest.mark.parametrize("kind", ["made", "real"])
def test_figures_of_missing_modalities_run(tmp_path, request, kind):
    written = tmp_path / "rows.json"
    data = request.getfixturevalue("data_folder") if kind == "real" else None
    done = run("missing", "--quick", "--json", written, data=data)
    assert done.returncode == 0, done.stderr
    rows = read_rows(written)
    for table, n_alone in (("stamps, no speech", 2), ("stamps", 3), ("made", 3)):
        for share in ("0%", "25%", "50%", "75%"):
            title = f"{table}, {share} removed: "
            own = {n: row for n, row in rows.items() if n.startswith(title)}
            alone = [row.ours for n, row in own.items() if n.endswith(" alone")]
            assert len(alone) == n_alone
            for name in names():
                (best,) = own[title + name].peers.values()
                assert best == max(alone)
    assert {row.real for n, row in rows.items() if n[:4] != "made"} == {kind == "real"}
    # Cells were removed: a sample's best fusion is far better with all than with few.
    few, all_cells = (
        max(rows[f"made, {share} removed: {name}"].ours for name in names())
        for share in ("75%", "0%")
    )
    assert all_cells > few + 10


def test_accuracies_run_on_a_sample_of_the_real_data(tmp_path, data_folder):
    written = tmp_path / "rows.json"
    done = run("accuracy", "--quick", "--json", written, data=data_folder)
    assert done.returncode == 0, done.stderr
    rows = read_rows(written)
    assert len(rows) == 28
    for name, row in rows.items():
        assert name in done.stdout
        assert 0 <= row.ours <= 100
        assert row.protocol and row.real
    # Even a sample tells classes apart: by chance these are 10, 10 and 7 percent.
    assert rows["fsdd MFCC"].ours > 50
    assert rows["esc10"].ours > 30
    assert rows["scene15 Fisher, pyramid"].ours > 30


def test_figures_of_search_run(tmp_path):
    written = tmp_path / "rows.json"
    done = run("retrieval", "search", "--quick", "--json", written)
    (row,) = check_times(done, written, real=False).values()
    assert row.error < 1e-5


def test_figures_of_retrieval_run_on_a_sample_of_the_real_data(tmp_path, data_folder):
    written = tmp_path / "rows.json"
    figures = "retrieval", "wikipedia", "flickr8k", "matching", "--quick"
    rows = check_times(
        run(*figures, "--json", written, data=data_folder), written, real=True
    )
    assert rows["wikipedia image -> text"].ours > 15  # by chance 12
    assert rows["flickr8k by all five captions"].peers["chance"] < 34
    assert rows["flickr8k, caption belongs"].ours > 45


@pytest.mark.parametrize("kind", ["made", "real"])
def test_figures_of_spoken_digits_run(tmp_path, request, kind):
    written = tmp_path / "rows.json"
    data = request.getfixturevalue("data_folder") if kind == "real" else None
    done = run("transcription", "digits", "--quick", "--json", written, data=data)
    rows = check_times(done, written, real=kind == "real")
    title = "fsdd" if kind == "real" else "made words"
    models = "thirds, SVM", "WordRecognizer", "both, late product"
    assert set(rows) == {f"{title}: {model}" for model in models}
    assert all(row.ours > 60 and row.real is (kind == "real") for row in rows.values())
    gain, error = rows[f"{title}: WordRecognizer"].differences["to thirds, SVM"]
    ours = [rows[f"{title}: {model}"].ours for model in models]
    assert gain == pytest.approx(ours[1] - ours[0]) and error >= 0


def test_word_error_rates_run_on_a_sample_of_the_real_data(tmp_path, data_folder):
    written = tmp_path / "rows.json"
    done = run(
        "transcription", "prompts", "--quick", "--json", written, data=data_folder
    )
    rows = check_times(done, written, real=True)
    assert set(rows) == {
        f"prompts, {known}"
        for known in ("as it comes", "domain's text", "text and voice")
    }
    # A sample of words is not all wrong; its rate is uncertain.
    assert all(0 < row.ours < 80 and row.spread > 0 for row in rows.values())


def test_figures_of_learned_summaries_run(tmp_path):
    written = tmp_path / "rows.json"
    done = run("video", "learned", "--quick", "--json", written)
    rows = check_rows(done, written, real=False)
    assert set(rows) == {"learned from a colour", "learned from a pitch"}
    for row in rows.values():
        # Made scores of one cue are learned, and nothing else tells it.
        assert row.ours > 0.3 > row.peers["without scores"]


def test_figures_of_videos_run_on_a_sample_of_the_real_data(tmp_path, data_folder):
    written = tmp_path / "rows.json"
    figures = "compilations", "pooling", "summaries", "--quick", "--json", written
    done = run("video", *figures, data=data_folder)
    rows = check_rows(done, written, real=True)
    assert rows["shots of compilations"].ours > 80
    for describer in ("colours", "shapes", "words"):
        row = rows[f"FramePooling, {describer}"]
        assert row.ours > row.peers["the most frequent"]
    for share in ("15%", "30%"):
        kept = rows[f"importance kept, {share}"]
        assert kept.ours > kept.peers["random"]


def test_figures_of_shots_run_on_the_real_clips(tmp_path, data_folder):
    written = tmp_path / "rows.json"
    done = run("video", "shots", "--quick", "--json", written, data=data_folder)
    rows = check_rows(done, written, real=True)
    clips = "bikes.mp4", "big_buck_bunny.webm", "vtest.avi"
    assert [rows[f"shots of {clip}"].ours for clip in clips] == [100.0] * 3


def test_accuracies_without_the_real_data_say_that_they_need_it():
    done = run("accuracy", "fsdd", "--quick")
    assert done.returncode == 1
    assert "needs the real data (fsdd/items.csv)" in done.stderr
    assert "MMCLASSIC_DATA" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("kernels", "sift"),
            "no figure of kernels is named sift; choose from mfcc, hog",
        ),
        (("kernels", "--plot", "ratios.pdf"), "must be a file .png or .svg"),
        (("--from", "absent.json"), "absent.json"),
        (("kernels", "--json", "README.md"), "'README.md' holds no figures"),
    ],
)
def test_what_can_not_be_done_is_refused_before_anything_is_measured(
    arguments, message
):
    before = (ROOT / "README.md").read_text()
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert (
        "Traceback" not in done.stderr and " ..." not in done.stderr.split("error")[1]
    )
    assert (ROOT / "README.md").read_text() == before


def test_stored_figures_are_shown_again_and_a_missed_ratio_is_the_exit_code(
    tmp_path, measured
):
    from benchmarks.results import write_results

    stored = tmp_path / "rows.json"
    write_results(measured, stored)
    done = run("--from", stored, "--plot", tmp_path / "ratios.svg")
    assert done.returncode == 1, done.stderr
    assert ">= 8x MISSED" in done.stdout and "A processor" in done.stdout
    assert "hog 64" in (tmp_path / "ratios.svg").read_text()
    kept = run("kernels", "mfcc", "--from", stored, "--markdown")
    assert kept.returncode == 0, kept.stderr
    assert "| mfcc 5 s | 1.25 ms | librosa 5.00 |" in kept.stdout
    assert "hog" not in kept.stdout
    assert "figures" in json.loads(stored.read_text())
