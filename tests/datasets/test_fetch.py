"""fetch_fsdd and fetch_esc10: the offline copy, and the archive from a local server."""

import gc
import hashlib
import io
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest
from sklearn.utils._param_validation import InvalidParameterError

from mmclassic.datasets import _fetch_esc10, _fetch_fsdd, _origin
from mmclassic.datasets import fetch_esc10 as esc10
from mmclassic.datasets import fetch_fsdd as fsdd

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*socket:pytest.PytestUnraisableExceptionWarning"
)
FSDD_NAMES = ["1_theo_4.wav", "0_jackson_49.wav", "0_jackson_5.wav"]
ESC10_NAMES = ["5-9032-A-0.wav", "1-172649-B-40.wav"]


class _Server:
    """Serves one archive on the loopback address and counts the requests."""

    def __init__(self):
        self.archive = b""
        self.status = 200
        self.truncate = False
        self.paths = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                outer.paths.append(self.path)
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.archive)))
                self.end_headers()
                half = len(outer.archive) // 2
                self.wfile.write(outer.archive[: half if outer.truncate else None])

            def log_message(self, format, *args):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server(monkeypatch):
    server = _Server()
    monkeypatch.setattr(_origin, "_ARCHIVES", server.url + "{repository}/archive/")
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # pooch waits to retry
    monkeypatch.delenv("MMCLASSIC_DATA", raising=False)
    yield server
    server.close()
    gc.collect()  # pooch leaves the socket of a refused download to the collector


def _pack(origin, contents):
    """Return a zip as GitHub makes it: one top folder, files, and others."""
    packed = io.BytesIO()
    top = f"{origin.repository.split('/')[1]}-{origin.commit}"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{top}/README.md", "about")
        for name, content in contents.items():
            archive.writestr(f"{top}/{origin.folder}/{name}", content)
            archive.writestr(f"{top}/elsewhere/{name}", b"not this one")
    return packed.getvalue()


def _serve(server, monkeypatch, origin, names, algorithm="sha256"):
    """Let the server hold files of these names and the registry list them."""
    contents = {name: f"sound of {name}".encode() for name in names}
    prefix = "" if algorithm == "sha256" else f"{algorithm}:"
    registry = {
        name: prefix + hashlib.new(algorithm, content).hexdigest()
        for name, content in contents.items()
    }
    monkeypatch.setattr(_origin, "read_registry", lambda name: registry)
    server.archive = _pack(origin, contents)
    return contents


def test_fsdd_is_fetched_checked_and_tabulated(server, monkeypatch, tmp_path):
    origin = _fetch_fsdd._ORIGIN
    contents = _serve(server, monkeypatch, origin, FSDD_NAMES)
    bunch = fsdd(data_home=tmp_path)
    assert server.paths == [f"/{origin.repository}/archive/{origin.commit}.zip"]
    for name, content in contents.items():
        assert (tmp_path / "fsdd" / name).read_bytes() == content
    assert len(list((tmp_path / "fsdd").iterdir())) == len(contents)  # no archive left
    assert bunch.frame.drop(columns="audio").to_dict("list") == {
        "label": [0, 0, 1],
        "speaker": ["jackson", "jackson", "theo"],
        "take": [49, 5, 4],
        "split": ["train", "train", "test"],
    }
    assert bunch.data["audio"][2] == str(tmp_path / "fsdd" / "1_theo_4.wav")
    assert bunch.target_names == [str(digit) for digit in range(10)]
    assert "CC BY-SA 4.0" in bunch.DESCR
    assert "10.5281/zenodo.1342401" in bunch.DESCR


def test_esc10_is_fetched_checked_and_tabulated(server, monkeypatch, tmp_path):
    _serve(server, monkeypatch, _fetch_esc10._ORIGIN, ESC10_NAMES, algorithm="md5")
    bunch = esc10(data_home=tmp_path)
    assert list(bunch.target) == ["helicopter", "dog_bark"]
    assert list(bunch.frame["fold"]) == [1, 5]
    assert len(bunch.target_names) == 10
    assert "10.1145/2733373.2806390" in bunch.DESCR
    X, y = esc10(data_home=tmp_path, return_X_y=True)
    assert X.equals(bunch.data)
    assert y.equals(bunch.target)


def test_second_call_asks_the_origin_for_nothing(server, monkeypatch, tmp_path):
    _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    first = fsdd(data_home=tmp_path).frame
    again = fsdd(data_home=tmp_path, download_if_missing=False).frame
    assert len(server.paths) == 1
    assert again.equals(first)


def test_damaged_file_is_fetched_again(server, monkeypatch, tmp_path):
    contents = _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    fsdd(data_home=tmp_path)
    damaged = tmp_path / "fsdd" / FSDD_NAMES[0]
    damaged.write_bytes(b"half")
    fsdd(data_home=tmp_path)
    assert damaged.read_bytes() == contents[FSDD_NAMES[0]]
    assert len(server.paths) == 2


def test_interrupted_extraction_goes_on_from_the_archive(server, monkeypatch, tmp_path):
    _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    write, written = _origin._write_whole, []

    def stop_after_one(path, content):
        if written:
            raise KeyboardInterrupt
        written.append(path)
        write(path, content)

    monkeypatch.setattr(_origin, "_write_whole", stop_after_one)
    with pytest.raises(KeyboardInterrupt):
        fsdd(data_home=tmp_path)
    monkeypatch.setattr(_origin, "_write_whole", write)
    assert len(fsdd(data_home=tmp_path).frame) == len(FSDD_NAMES)
    assert len(server.paths) == 1


def test_interrupted_download_leaves_no_file(server, monkeypatch, tmp_path):
    _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    server.truncate = True
    with pytest.raises(OSError, match="could not be fetched"):
        fsdd(data_home=tmp_path)
    assert list((tmp_path / "fsdd").iterdir()) == []
    server.truncate = False
    assert len(fsdd(data_home=tmp_path).frame) == len(FSDD_NAMES)


def test_file_that_does_not_match_is_refused_by_name(server, monkeypatch, tmp_path):
    contents = _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    good, bad = server.archive, {**contents, FSDD_NAMES[1]: b"other sound"}
    server.archive = _pack(_fetch_fsdd._ORIGIN, bad)
    with pytest.raises(OSError, match=f"'{FSDD_NAMES[1]}' does not match its checksum"):
        fsdd(data_home=tmp_path)
    assert not (tmp_path / "fsdd" / FSDD_NAMES[1]).exists()
    server.archive = good  # the bad archive is not met again
    assert len(fsdd(data_home=tmp_path).frame) == len(FSDD_NAMES)


def test_archive_without_a_file_is_refused_by_name(server, monkeypatch, tmp_path):
    contents = _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    del contents[FSDD_NAMES[2]]
    server.archive = _pack(_fetch_fsdd._ORIGIN, contents)
    with pytest.raises(OSError, match=f"'{FSDD_NAMES[2]}' is not in it. Call again"):
        fsdd(data_home=tmp_path)


def test_file_that_claims_to_be_huge_is_not_unpacked(server, monkeypatch, tmp_path):
    _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    monkeypatch.setattr(_origin, "_MAX_FILE_BYTES", 5)
    with pytest.raises(OSError, match="does not match its checksum"):
        fsdd(data_home=tmp_path)


def test_answer_that_is_no_archive_is_refused(server, monkeypatch, tmp_path):
    _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    server.archive = b"<html>sorry</html>"
    with pytest.raises(OSError, match="not what it should be: File is not a zip file"):
        fsdd(data_home=tmp_path)
    assert list((tmp_path / "fsdd").iterdir()) == []


def test_origin_that_refuses_is_named_with_the_remedy(server, monkeypatch, tmp_path):
    _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    server.status = 503
    with pytest.raises(
        OSError, match=r"could not be fetched from http://127.*503"
    ) as e:
        fsdd(data_home=tmp_path)
    assert "set MMCLASSIC_DATA" in str(e.value)
    assert e.value.__cause__ is not None


@pytest.mark.parametrize("fetch", [fsdd, esc10])
def test_nothing_is_fetched_where_that_is_not_wanted(fetch, server, tmp_path):
    with pytest.raises(OSError, match="`download_if_missing` is False"):
        fetch(data_home=tmp_path / "none", download_if_missing=False)
    assert server.paths == []
    assert not (tmp_path / "none").exists()


def test_data_home_comes_from_the_environment(server, monkeypatch, tmp_path):
    _serve(server, monkeypatch, _fetch_fsdd._ORIGIN, FSDD_NAMES)
    monkeypatch.setenv("MMCLASSIC_HOME", str(tmp_path / "home"))
    fsdd()
    assert (tmp_path / "home" / "fsdd" / FSDD_NAMES[0]).is_file()


def test_data_home_is_under_the_users_home_by_default(monkeypatch, tmp_path):
    monkeypatch.delenv("MMCLASSIC_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert _origin.find_data_home(None) == tmp_path / "mmclassic_data"
    assert _origin.find_data_home("~/x") == tmp_path / "x"


def _offline_copy(root, monkeypatch, table):
    folder = root / "esc10"
    folder.mkdir()
    pd.DataFrame(table).to_csv(folder / "items.csv", index=False)
    monkeypatch.setenv("MMCLASSIC_DATA", str(root))
    return folder


def test_offline_copy_is_used_unless_a_data_home_is_given(tmp_path, monkeypatch):
    table = {"audio": ["b.ogg", "a.ogg"], "label": ["rain", "rooster"], "fold": [2, 1]}
    folder = _offline_copy(tmp_path, monkeypatch, table)
    for name in table["audio"]:
        (folder / name).write_bytes(b"sound")
    bunch = esc10()
    assert list(bunch.data["audio"]) == [str(folder / "a.ogg"), str(folder / "b.ogg")]
    assert list(bunch.target) == ["rooster", "rain"]
    with pytest.raises(OSError, match="400 of the 400 files of 'esc10' are not in"):
        esc10(data_home=tmp_path / "home", download_if_missing=False)


def test_offline_copy_without_a_recording_names_its_row(tmp_path, monkeypatch):
    table = {"audio": ["a.ogg", "b.ogg"], "label": ["rain", "rain"], "fold": [1, 2]}
    folder = _offline_copy(tmp_path, monkeypatch, table)
    (folder / "a.ogg").write_bytes(b"sound")
    with pytest.raises(OSError, match=r"Row 1 \('.*b.ogg'\) of .* is no file"):
        esc10()


def test_offline_copy_without_a_column_is_refused(tmp_path, monkeypatch):
    _offline_copy(tmp_path, monkeypatch, {"audio": ["a.ogg"], "label": ["rain"]})
    with pytest.raises(ValueError, match=r"Got none named \['fold'\]"):
        esc10()


def test_other_sets_in_the_offline_folder_do_not_matter(tmp_path, monkeypatch):
    _offline_copy(tmp_path, monkeypatch, {"audio": []})
    monkeypatch.setenv("MMCLASSIC_HOME", str(tmp_path / "home"))
    with pytest.raises(OSError, match="files of 'fsdd' are not in"):
        fsdd(download_if_missing=False)


@pytest.mark.parametrize("fetch", [fsdd, esc10])
@pytest.mark.parametrize(
    "parameters", [{"data_home": 3}, {"download_if_missing": "x"}, {"return_X_y": 2.5}]
)
def test_bad_parameter_is_named(fetch, parameters):
    (name,) = parameters
    pattern = f"'{name}' parameter of {fetch.__name__} must be"
    with pytest.raises(InvalidParameterError, match=pattern):
        fetch(**parameters)


def test_registries_list_the_whole_sets():
    digits = _origin.read_registry("fsdd")
    assert len(digits) == 3000
    assert all(re.fullmatch(r"\d_[a-z]+_\d+\.wav", name) for name in digits)
    assert all(re.fullmatch("[0-9a-f]{64}", known) for known in digits.values())
    sounds = _origin.read_registry("esc10")
    numbers = [int(name[:-4].rsplit("-", 1)[1]) for name in sounds]
    assert {n: numbers.count(n) for n in set(numbers)} == dict.fromkeys(
        _fetch_esc10._CLASSES, 40
    )
    assert all(re.fullmatch("md5:[0-9a-f]{32}", known) for known in sounds.values())


def test_real_fsdd_reaches_the_same_table_by_both_ways(
    data_folder, server, monkeypatch, tmp_path
):
    recordings = data_folder / "fsdd" / "recordings"
    server.archive = _pack(
        _fetch_fsdd._ORIGIN, {p.name: p.read_bytes() for p in recordings.iterdir()}
    )
    fetched = fsdd(data_home=tmp_path).frame
    monkeypatch.setenv("MMCLASSIC_DATA", str(data_folder))
    offline = fsdd().frame
    assert list(fetched["split"]).count("test") == 300
    columns = ["label", "speaker", "take", "split"]
    assert fetched[columns].equals(offline[columns])


def test_real_esc10_has_the_labels_and_folds_of_the_registry(data_folder, monkeypatch):
    monkeypatch.setenv("MMCLASSIC_DATA", str(data_folder))
    frame = esc10().frame
    names = sorted(_origin.read_registry("esc10"))
    parts = np.array([name[:-4].split("-") for name in names])
    assert list(frame["fold"]) == parts[:, 0].astype(int).tolist()
    assert list(frame["label"]) == [
        _fetch_esc10._CLASSES[int(number)] for number in parts[:, 3]
    ]
