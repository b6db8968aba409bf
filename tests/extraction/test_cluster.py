"""A Dask cluster of processes on this computer: workers that die, and none at all."""

import os
import socket
import sys
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import FunctionTransformer

from mmclassic.encoding import BagOfWords
from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.extraction import extract_features
from mmclassic.image import HOG, ColorHistogram, DenseSIFT
from tests.extraction.conftest import Cluster

COLOR = [("color", ColorHistogram(), "image")]


@pytest.fixture
def small(tmp_path_factory):
    """Give a cluster of a test's own."""

    @contextmanager
    def start(n_workers, **environment):
        own = Cluster(tmp_path_factory.mktemp("small"), environment)
        try:
            own.start(n_workers)
            yield own
        finally:
            own.stop()

    return start


def test_the_table_is_complete_and_equal_where_a_worker_is_killed_halfway(
    made, tmp_path, cluster
):
    words = BagOfWords(DenseSIFT(step=12), n_words=8, random_state=0)
    words.fit(made["image"][:40])
    parts = [*COLOR, ("words", words, "image")]
    frame = pd.concat([made] * 2, ignore_index=True)
    done_rows = []

    def kill_halfway(n):
        done_rows.append(n)
        if sum(done_rows) > 100 and not killed:
            killed.append(cluster.workers.pop(0))
            killed[0].kill()
            killed[0].wait()

    killed = []
    try:
        done = extract_features(
            frame,
            tmp_path / "cluster.parquet",
            parts,
            dask=cluster.address,
            progress=kill_halfway,
        )
    finally:
        if killed:
            cluster.add_worker()
    assert killed and sum(done_rows) == done.n_described == 240
    alone = extract_features(frame, tmp_path / "alone.parquet", parts)
    assert done.path.read_bytes() == alone.path.read_bytes()


def test_paths_from_here_are_found_by_workers_elsewhere(
    made, tmp_path, cluster, monkeypatch
):
    folder = made["image"].dropna().iloc[0].rpartition("/")[0]
    monkeypatch.chdir(folder)
    near = made.assign(image=made["image"].str.removeprefix(f"{folder}/"))[:40]
    done = extract_features(near, tmp_path / "a.parquet", COLOR, dask=cluster.address)
    alone = extract_features(near, tmp_path / "b.parquet", COLOR)
    assert done.path.read_bytes() == alone.path.read_bytes()
    nested = near.assign(
        image=[
            None if pd.isna(c) else {"path": c, "bytes": None} for c in near["image"]
        ]
    )
    done = extract_features(
        nested, tmp_path / "c.parquet", COLOR, dask=cluster.address, keep=[]
    )
    rows, expected = (
        np.stack(pd.read_parquet(each.path)["color"].dropna()) for each in (done, alone)
    )
    assert np.array_equal(rows, expected)


def test_what_a_run_here_has_done_a_cluster_need_not_do(made, tmp_path, cluster):
    class StopError(Exception):
        pass

    def stop(n):
        raise StopError

    output = tmp_path / "f.parquet"
    with pytest.raises(StopError):
        extract_features(made, output, COLOR, progress=stop)
    with pytest.raises(StopError):
        extract_features(made, output, COLOR, progress=stop, dask=cluster.address)
    done = extract_features(made, output, COLOR, dask=cluster.address)
    assert 0 < done.n_described <= 88


def test_invalid_items_are_named_from_afar(made, tmp_path, cluster):
    frame = made[:64].copy()
    frame.loc[40, "image"] = "absent.png"
    dask = cluster.address
    log = cluster.folder / "log.txt"
    n_before = len(log.read_bytes())
    with pytest.raises(MediaError, match=r"^Row 40 \('.*absent.png'\) ") as caught:
        extract_features(frame, tmp_path / "f.parquet", COLOR, dask=dask)
    assert caught.value.__notes__ == ["In the part 'color' (column 'image')."]
    assert "in _describe_part" in str(caught.value.__cause__)
    assert b"Compute Failed" not in log.read_bytes()[n_before:]
    with pytest.warns(InvalidItemWarning, match="1 invalid .* rows 40"):
        extract_features(
            frame, tmp_path / "f.parquet", COLOR, dask=dask, invalid="missing"
        )


def test_a_client_that_is_connected_stays_so(made, tmp_path, cluster):
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        extract_features(made[:40], tmp_path / "f.parquet", COLOR, dask=client)
        assert client.status == "running"


def test_an_item_that_kills_every_worker_ends_in_an_error(made, tmp_path, small):
    with small(1, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as own:
        parts = [("end", FunctionTransformer(lambda X: os._exit(1)), "image")]
        with pytest.raises(ConnectionError, match="died while they described.* again"):
            extract_features(made, tmp_path / "f.parquet", parts, dask=own.address)
    assert not (tmp_path / "f.parquet").exists()


def test_an_unreachable_scheduler_is_told(made, tmp_path, monkeypatch):
    monkeypatch.setattr("mmclassic.extraction._dask.TIMEOUT", 1)
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConnectionError, match="no Dask scheduler at 'tcp://127"):
            extract_features(made, tmp_path / "f.parquet", COLOR, dask=address)
    with pytest.raises(ConnectionError, match="no Dask scheduler at 'nowhere:1:2'"):
        extract_features(made, tmp_path / "f.parquet", COLOR, dask="nowhere:1:2")
    assert list(tmp_path.iterdir()) == []


def test_a_scheduler_without_workers_is_told(made, tmp_path, monkeypatch, small):
    monkeypatch.setattr("mmclassic.extraction._dask.TIMEOUT", 1)
    with small(0) as own:
        with pytest.raises(ConnectionError, match="has no workers. Start some by"):
            extract_features(made, tmp_path / "f.parquet", COLOR, dask=own.address)


def test_a_scheduler_that_is_lost_leaves_what_is_described(
    made, tmp_path, small, monkeypatch
):
    output = tmp_path / "f.parquet"
    monkeypatch.setattr("mmclassic.extraction._dask.TIMEOUT", 2)
    with small(1) as own:

        def lose(n):
            own.scheduler.kill()
            own.scheduler.wait()

        with pytest.raises(ConnectionError, match="was lost.* run it again"):
            extract_features(made, output, COLOR, dask=own.address, progress=lose)
    assert 0 < extract_features(made, output, COLOR).n_described < 120


def test_what_is_told_of_a_lost_scheduler_survives_the_closing(monkeypatch):
    from mmclassic.extraction import _dask

    class LosingClient:
        def wait_for_workers(self, n, timeout):
            pass

        def close(self):
            raise RuntimeError("Cannot change state of expiring Timeout")

    monkeypatch.setattr(_dask, "_client", lambda address: LosingClient())
    with pytest.raises(ConnectionError, match="was lost"), _dask._connected("tcp://a"):
        raise ConnectionError("was lost")


def test_without_distributed_the_way_to_install_it_is_named(
    made, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r'pip install "mmclassic\[dask\]"'):
        extract_features(made, tmp_path / "f.parquet", COLOR, dask="tcp://a:1")


def test_a_worker_of_other_code_is_refused(made, tmp_path):
    from mmclassic._execution import Caller
    from mmclassic.extraction._describe import describe_chunk

    with pytest.raises(ImportError, match="another version.* Install the same on all"):
        describe_chunk(None, [], Caller(), b"other")


def test_scenes_on_a_cluster(data_folder, tmp_path, cluster, monkeypatch):
    monkeypatch.chdir(data_folder / "scene15")
    frame = pd.read_csv("items.csv")
    shape = [("shape", HOG(pixels_per_cell=(32, 32)), "image")]
    killed = []

    def kill_halfway(n):
        killed.append(n)
        if sum(killed) == 64 * 32:
            lost = cluster.workers.pop(0)
            lost.kill()
            lost.wait()

    done = extract_features(
        frame,
        tmp_path / "f.parquet",
        shape,
        dask=cluster.address,
        progress=kill_halfway,
    )
    assert done.n_described == len(frame) == 4485
    table = pd.read_parquet(done.path)
    assert table["label"].equals(frame["label"])
    some = np.arange(0, 4485, 100)
    expected = HOG(pixels_per_cell=(32, 32)).fit_transform(frame["image"].iloc[some])
    assert np.array_equal(np.stack(table["shape"].iloc[some]), expected)
