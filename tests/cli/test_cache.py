"""cache info, clear and verify, and the cache of fit and evaluate."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from mmclassic._execution._cache import _database
from mmclassic._execution._cache._files import current_file
from mmclassic.cache import FeatureCache


@pytest.fixture
def cache(tmp_path):
    cache = FeatureCache(tmp_path / "features")
    for i in range(3):
        cache.store.put(bytes([i] * 20), np.full(1000, i))
    cache.close()
    return cache


def test_info_shows_how_much_is_kept(run, cache):
    result = run("cache", "info", cache.path)
    assert result.exit_code == 0, result.output
    assert "entries     3\n" in result.output
    assert "23.6 KiB" in result.output
    assert "latest use  20" in result.output


def test_info_of_an_empty_cache(run, cache):
    cache.clear()
    result = run("cache", "info", cache.path)
    assert result.exit_code == 0, result.output
    assert "entries     0\n" in result.output
    assert "use" not in result.output


def test_clear_drops_all(run, cache):
    result = run("cache", "clear", cache.path)
    assert result.output == "Dropped 3 entries.\n"
    assert cache.info()["entries"] == 0


def test_verify_finds_and_drops_what_is_damaged(run, cache):
    assert run("cache", "verify", cache.path).output == "All 3 entries are sound.\n"
    connection = sqlite3.connect(current_file(Path(cache.path)))
    with connection:
        connection.execute("update contents set header = x'00' where id = 2")
    connection.close()
    result = run("cache", "verify", cache.path)
    assert result.exit_code == 1
    assert "Error: 1 of 3 entries were damaged" in result.output
    assert run("cache", "verify", cache.path).output == "All 2 entries are sound.\n"


@pytest.mark.parametrize("command", ["info", "verify"])
def test_a_file_that_is_no_database_is_named(run, cache, command):
    current_file(Path(cache.path)).write_bytes(b"text" * 1000)
    result = run("cache", command, cache.path)
    assert result.exit_code == 1
    assert "is damaged as a whole" in result.output


@pytest.mark.filterwarnings("default:The cache")
def test_clear_begins_a_damaged_file_anew(run, cache):
    current_file(Path(cache.path)).write_bytes(b"text" * 1000)
    result = run("cache", "clear", cache.path)
    assert result.exit_code == 0, result.output
    assert "was damaged. It begins anew, empty." in result.output
    assert cache.info()["entries"] == 0


@pytest.mark.parametrize("command", ["info", "clear", "verify"])
def test_another_failure_is_not_taken_for_damage(run, cache, monkeypatch, command):
    def fail(self, statement, values=()):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(_database.Database, "_run", fail)
    result = run("cache", command, cache.path)
    assert result.exit_code == 1
    assert "can't be used now: database is locked" in result.output


@pytest.mark.parametrize("command", ["info", "clear", "verify"])
def test_a_folder_without_a_cache_is_left_alone(run, tmp_path, command):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("mine")
    result = run("cache", command, tmp_path / "other")
    assert result.exit_code == 1
    assert "Error: There is no cache in" in result.output
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["file"]


def test_fit_keeps_features_in_the_folder_it_is_given(run, tables):
    columns = ("--label", "label", "--audio", "audio", "--cache", "features")
    for _ in range(2):
        result = run("fit", tables / "items.csv", *columns, "-o", "model.skops")
        assert result.exit_code == 0, result.output
    n_sounds = len(list((tables / "audio").iterdir()))
    entries = FeatureCache("features").info()["entries"]
    assert entries >= 2 * n_sounds - 1  # the frames' and the pooled ones, and a fit
    assert not (tables / "features").exists()


@pytest.mark.parametrize("fusion", ["early", "late"])
def test_predict_finds_in_the_cache_what_fit_described(run, tables, tmp_path, fusion):
    folder = tmp_path / "features"
    settings = ["--label", "label", "--image", "image", "--features", "light"]
    settings += ["--audio", "audio", "--fusion", fusion, "--cache", folder]
    table, model = tables / "items.csv", tmp_path / "model.skops"
    assert run("fit", table, *settings, "-o", model).exit_code == 0
    cache = FeatureCache(folder)
    n_entries = cache.info()["entries"]
    outputs = []
    for options in ([], ["--cache", folder]):
        result = run("predict", model, table, "-o", tmp_path / "out.csv", *options)
        assert result.exit_code == 0, result.output
        outputs.append((tmp_path / "out.csv").read_text())
        assert cache.info()["entries"] == n_entries
    assert outputs[0] == outputs[1]
    cache.clear()
    run("predict", model, table, "-o", tmp_path / "out.csv", "--cache", folder)
    assert cache.info()["entries"] > 80
