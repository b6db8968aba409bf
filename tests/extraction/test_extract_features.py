"""The table of features: its rows, columns, parts, and what reads it."""

import json
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from joblib import Parallel, parallel_config
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.pipeline import make_pipeline

from mmclassic import make_multimodal_pipeline
from mmclassic._execution import _workers
from mmclassic.audio import MFCC
from mmclassic.encoding import BagOfWords, StatisticsPooling
from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.extraction import _here, extract_features
from mmclassic.fusion import EarlyFusion
from mmclassic.image import HOG, ColorHistogram, DenseSIFT
from mmclassic.text import TfidfVectorizer

COLOR = ("color", ColorHistogram(), "image")
SOUND = ("sound", MFCC(8000), "audio")


def rows_of(column):
    return np.stack([np.asarray(cell) for cell in column if cell is not None])


def test_each_row_has_what_its_transformer_gives_and_null_where_it_lacks_it(
    made, tmp_path
):
    done = extract_features(made, tmp_path / "f.parquet", [COLOR, SOUND])
    assert done.n_rows == done.n_described == 120
    assert done.n_features == {"color": 48, "sound": 40}
    table = pd.read_parquet(done.path)
    assert table["text"].equals(made["text"])
    assert table["image"].equals(made["image"])
    for name, transformer, column in (COLOR, SOUND):
        expected = transformer.fit_transform(made[column])
        missing = made[column].isna()
        assert table[name].isna().tolist() == missing.tolist() and missing.any()
        assert np.array_equal(rows_of(table[name].dropna()), expected[~missing])
        assert rows_of(table[name].dropna()).dtype == np.float32


def test_pictures_and_sounds_have_defaults_that_learn_nothing(made, tmp_path):
    done = extract_features(
        made[:40], tmp_path / "f.parquet", image="image", audio={"sound": "audio"}
    )
    assert done.n_features == {"image": 2420, "sound": 660}
    table = pd.read_parquet(done.path)
    # The part takes the place of the column whose name it has.
    assert list(table) == ["text", "audio", "label", "image", "sound"]
    few = extract_features(made[20:40], tmp_path / "few.parquet", image="image")
    some = pd.read_parquet(few.path)["image"].dropna()
    assert np.array_equal(rows_of(some), rows_of(table["image"][20:].dropna()))


@pytest.mark.parametrize(
    ("read", "fusion"),
    [
        (pd.read_parquet, "late"),
        (pl.read_parquet, "early"),
        (lambda path: pq.read_table(path).to_pandas(), "early"),
    ],
    ids=["pandas", "polars", "pyarrow"],
)
def test_what_reads_the_table_feeds_the_fusions(made, tmp_path, read, fusion):
    y = made["label"].to_numpy()
    done = extract_features(made, tmp_path / "f.parquet", [COLOR, SOUND])
    direct = pd.DataFrame({"text": made["text"]})
    for name, transformer, column in (COLOR, SOUND):
        rows = transformer.fit_transform(made[column])
        direct[name] = [None if np.isnan(row).all() else row for row in rows]
    results = []
    for table in (read(done.path), direct):
        model = make_multimodal_pipeline(
            text="text", vectors=["color", "sound"], fusion=fusion, random_state=0
        )
        model.fit(table, y)
        scores = model.decision_function if fusion == "early" else model.predict_proba
        presence = model.named_steps["fusion"].modality_presence(table)
        assert not presence.all()
        results.append((presence, scores(table)))
    for ours, expected in zip(*results, strict=True):
        assert np.array_equal(ours, expected)


def test_a_fitted_part_describes_by_what_it_learned(made, tmp_path):
    words = BagOfWords(DenseSIFT(step=12), n_words=8, random_state=0)
    words.fit(made["image"][:40])
    topics = make_pipeline(TfidfVectorizer(), TruncatedSVD(5, random_state=0))
    topics.fit(made["text"][:40].dropna())
    parts = [("words", words, "image"), ("topics", topics, "text")]
    table = pd.read_parquet(extract_features(made, tmp_path / "f.parquet", parts).path)
    for name, transformer, column in parts:
        present = made[column].notna()
        expected = transformer.transform(made[column][present])
        assert np.allclose(rows_of(table[name].dropna()), expected, atol=1e-6)


def test_several_columns_are_one_part(made, tmp_path):
    frame = made.assign(a=np.arange(120.0), b=1.0)
    pca = PCA(2).fit(np.random.default_rng(0).normal(size=(9, 2)))
    fusion = EarlyFusion([("color", ColorHistogram(), "image")]).fit(made)
    parts = [("pca", pca, ["a", "b"]), ("fused", fusion, ["image", "audio"])]
    pca.feature_names_in_ = np.array(["a", "b"], dtype=object)
    frame["image"] = frame["image"].ffill()
    fusion.fit(frame[["image", "audio"]])
    table = pd.read_parquet(extract_features(frame, tmp_path / "f.parquet", parts).path)
    assert np.allclose(rows_of(table["pca"]), pca.transform(frame[["a", "b"]]))
    expected = fusion.transform(frame[["image", "audio"]])
    assert np.allclose(rows_of(table["fused"]), expected, atol=1e-7)


@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing"])
def test_workers_write_the_same_bytes(made, tmp_path, backend):
    one = extract_features(made, tmp_path / "one.parquet", [COLOR, SOUND])
    with parallel_config(backend):
        two = extract_features(made, tmp_path / "two.parquet", [COLOR, SOUND], n_jobs=2)
    assert one.path.read_bytes() == two.path.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "one.parquet",
        "two.parquet",
    ]


@pytest.mark.parametrize(
    ("long", "backend", "expected"),
    [
        (0, None, "loky"),
        (1e9, None, "threading"),
        (0, "threading", "threading"),
    ],
)
def test_long_work_goes_to_processes_unless_a_backend_is_named(
    made, tmp_path, monkeypatch, long, backend, expected
):
    used = []

    def parallel(**settings):
        made_one = Parallel(**settings)
        used.append(made_one._backend.__class__.__name__)
        return made_one

    monkeypatch.setattr(_here, "Parallel", parallel)
    monkeypatch.setattr(_here, "MANY", 2)
    monkeypatch.setattr(_here, "PROBES", 2)
    monkeypatch.setattr(_workers, "LONG", long)
    one = extract_features(made, tmp_path / "one.parquet", [COLOR])
    used.clear()
    with parallel_config(backend) if backend else nullcontext():
        two = extract_features(made, tmp_path / "two.parquet", [COLOR], n_jobs=2)
    assert [name.lower() for name in used] == [f"{expected}backend"]
    assert one.path.read_bytes() == two.path.read_bytes()
    assert two.n_described == len(made)


def test_rows_are_in_groups_of_the_size_asked_for(made, tmp_path):
    done = extract_features(made, tmp_path / "f.parquet", [COLOR], row_group_size=50)
    read = pq.ParquetFile(done.path)
    sizes = [read.metadata.row_group(at).num_rows for at in range(read.num_row_groups)]
    assert sizes == [50, 50, 20]
    assert read.read().num_rows == 120


def test_the_metadata_tells_how_features_were_made(made, tmp_path):
    texture = StatisticsPooling(DenseSIFT(step=12), pyramid=("1x1", "2x2"))
    parts = [("texture", texture, "image"), SOUND]
    done = extract_features(made, tmp_path / "f.parquet", parts)
    about = json.loads(pq.read_schema(done.path).metadata[b"mmclassic"])
    assert about["parts"]["texture"]["class"] == "StatisticsPooling"
    assert "step=12" in about["parts"]["texture"]["transformer"]
    assert len(about["parts"]["texture"]["features"]) == done.n_features["texture"]
    assert about["parts"]["sound"]["column"] == "audio"
    assert about["parts"]["sound"]["features"][0] == "mfcc_mean0"
    assert set(about["libraries"]) >= {"numpy", "cv2", "soxr"} and about["version"]


def test_memory_does_not_grow_with_the_table(tmp_path):
    import tracemalloc

    vector = np.zeros(10_000, dtype=np.float32)
    means = StatisticsPooling("precomputed", statistics=("mean",))

    def peak(n_rows):
        frame = pd.DataFrame({"vector": [vector] * n_rows})
        tracemalloc.start()
        try:
            extract_features(
                frame,
                tmp_path / "f.parquet",
                [("mean", means, "vector")],
                keep=[],
                row_group_size=32,
            )
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(32)  # what is imported and made once
    few, many = peak(96), peak(640)
    assert 32 * vector.nbytes < few and many < 1.3 * few


def test_columns_that_are_kept(made, tmp_path):
    frame = made.assign(
        year=2000,
        fold=pd.Categorical(["a", "b"] * 60),
        day=pd.Timestamp("2020-01-01"),
        raw=b"bytes",
        pixels=[np.zeros((2, 2), np.uint8)] * 120,
        vector=[np.zeros(3)] * 120,
        path=[Path("a.png")] * 119 + [None],
    ).set_index("label", drop=False)
    done = extract_features(frame, tmp_path / "f.parquet", [COLOR])
    table = pd.read_parquet(done.path)
    kept = ["text", "image", "audio", "label", "year", "fold", "day", "vector", "path"]
    assert list(table) == [*kept, "color"]
    assert table["path"].tolist()[0] == "a.png" and pd.isna(table["path"][119])
    assert table["fold"].tolist() == ["a", "b"] * 60
    for keep, columns in ((["year"], ["year", "color"]), ([], ["color"])):
        done = extract_features(frame, tmp_path / "f.parquet", [COLOR], keep=keep)
        assert list(pd.read_parquet(done.path)) == columns
    polars = pl.from_pandas(frame[["text", "image"]]).with_columns(raw=pl.lit(b"x"))
    done = extract_features(polars, tmp_path / "p.parquet", [COLOR])
    again = pd.read_parquet(done.path)
    assert list(again) == ["text", "image", "color"]
    assert rows_of(again["color"].dropna()).tobytes() == (
        rows_of(table["color"].dropna()).tobytes()
    )


@pytest.mark.parametrize(
    ("columns", "keep", "name"),
    [
        (["image", 1, "1"], None, "1"),
        (["image", 1, "1"], [1, "1"], "1"),
        (["image", "x", "x"], None, "x"),
        (["image", "x", "x"], ["x"], "x"),
        (["image", "x", "y"], ["x", "x"], "x"),
    ],
)
def test_two_columns_of_one_name_are_refused_before_any_work(
    made, tmp_path, columns, keep, name
):
    values = zip(made["image"], range(120), range(120), strict=True)
    frame = pd.DataFrame(list(values), columns=columns)
    message = f"Two columns of the table would be named '{name}'. Rename one"
    with pytest.raises(ValueError, match=message):
        extract_features(frame, tmp_path / "f.parquet", [COLOR], keep=keep)
    assert list(tmp_path.iterdir()) == []
    done = extract_features(frame, tmp_path / "f.parquet", [COLOR], keep=["image"])
    assert list(pd.read_parquet(done.path)) == ["image", "color"]


def test_a_number_and_a_part_of_one_name_are_refused(made, tmp_path):
    frame = made[:8].assign(**{"n": 0}).rename(columns={"n": 1})
    part = ("1", ColorHistogram(), "image")
    with pytest.raises(ValueError, match="column 1 can't be kept, since a part has"):
        extract_features(frame, tmp_path / "f.parquet", [part], keep=[1])
    done = extract_features(frame, tmp_path / "f.parquet", [part])
    assert list(pd.read_parquet(done.path)).count("1") == 1


@pytest.mark.parametrize(
    ("cell", "message"),
    [(2**70, "too large"), ({}, "no child field"), ([{}], "no child field")],
    ids=["large", "empty", "list of empty"],
)
def test_a_column_that_parquet_can_not_hold_is_named_before_any_work(
    made, tmp_path, cell, message
):
    frame = made.assign(x=pd.Series([cell] * 120, dtype=object))
    message = rf"The column 'x' can't .*{message}.*[^.]\. Convert it.*keep=\["
    with pytest.raises(ValueError, match=message):
        extract_features(frame, tmp_path / "f.parquet", [COLOR], keep=["x"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([2**70] * 8, dtype=pl.Int128),
        pl.Series([object()] * 8, dtype=pl.Object),
        pl.Series([{}] * 8),
    ],
    ids=lambda column: str(column.dtype),
)
def test_a_column_of_polars_that_parquet_can_not_hold_is_named(made, tmp_path, column):
    frame = pl.from_pandas(made[["image"]][:8]).with_columns(x=column)
    with pytest.raises(ValueError, match=r"The column 'x' can't .* keep others by"):
        extract_features(frame, tmp_path / "f.parquet", [COLOR], keep=["x"])
    assert list(tmp_path.iterdir()) == []


def test_an_invalid_item_is_named_by_its_row_in_the_table(made, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"none")
    frame = made.copy()
    frame.loc[[70, 101], "image"] = str(tmp_path / "bad.png")
    frame.index = [f"item {row}" for row in range(120)]
    with pytest.raises(MediaError, match=r"^Row 70 \('.*bad.png', index 'item 70'\)"):
        extract_features(frame, tmp_path / "f.parquet", [COLOR])
    with pytest.warns(InvalidItemWarning, match=r"2 invalid .*, rows 70, 101\.") as w:
        done = extract_features(
            frame, tmp_path / "f.parquet", [COLOR], invalid="missing", n_jobs=2
        )
    assert len(w) == 1
    table = pd.read_parquet(done.path)
    missing = made["image"].isna()
    missing[[70, 101]] = True
    assert table["color"].isna().tolist() == missing.tolist()


def test_items_that_are_all_invalid_make_a_column_of_nulls(tmp_path):
    frame = pd.DataFrame({"image": ["absent.png"] * 3})
    with pytest.warns(InvalidItemWarning, match="3 invalid"):
        done = extract_features(
            frame, tmp_path / "f.parquet", [COLOR], invalid="missing"
        )
    assert done.n_features == {"color": 0}
    assert pd.read_parquet(done.path)["color"].isna().all()


def changed(made, **columns):
    return lambda: made.assign(**columns)


@pytest.mark.parametrize(
    ("parts", "settings", "error", "message"),
    [
        ([], {}, ValueError, "name a column by image= or audio="),
        ([COLOR, COLOR], {}, ValueError, "Two parts are named 'color'"),
        ([COLOR[:2]], {}, ValueError, "must be a .name, transformer, column. triple"),
        ([("a", HOG, "image")], {}, TypeError, "must be a transformer, such as HOG()"),
        ([("", HOG(), "image")], {}, ValueError, "A part's name must be a str"),
        ([("a", HOG(), "photo")], {}, ValueError, "column 'photo' of the part 'a'"),
        ([("a", HOG(), "none")], {}, ValueError, "No row has 'a' .column 'none'"),
        (
            [("a", BagOfWords(DenseSIFT()), "image")],
            {},
            ValueError,
            "'a' is not fitted, and BagOfWords learns from data. Fit it",
        ),
        (
            [("a", TfidfVectorizer().fit(["red kettle", "blue bike"]), "text")],
            {},
            ValueError,
            "sparse rows of 4 features.* Add a TruncatedSVD",
        ),
        ([COLOR], {"keep": ["year"]}, ValueError, "'year' of keep= isn't in X"),
        ([COLOR], {"keep": ["mixed"]}, ValueError, "'mixed' can't be kept"),
        ([("text", HOG(), "image")], {"keep": ["text"]}, ValueError, "part has its"),
        ([COLOR], {"invalid": "drop"}, ValueError, "'invalid' parameter"),
        ([COLOR], {"row_group_size": 0}, ValueError, "'row_group_size' parameter"),
        *(
            ([COLOR], {"n_jobs": n, **dask}, ValueError, "'n_jobs' parameter of ext")
            for n in (0, 1.5, "2")
            for dask in ({}, {"dask": "tcp://127.0.0.1:1"})
        ),
    ],
)
def test_what_can_not_be_done_is_said_before_any_work(
    made, tmp_path, parts, settings, error, message
):
    frame = made.assign(none=None, mixed=[1, "a"] * 60)
    frame = frame if "keep" in settings else frame.drop(columns="mixed")
    with pytest.raises(error, match=message):
        extract_features(frame, tmp_path / "f.parquet", parts, **settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("f.csv", ValueError, "must end in .parquet"),
        ("absent/f.parquet", FileNotFoundError, "does not exist. Make it first"),
        ("a.parquet", IsADirectoryError, "is a folder"),
    ],
)
def test_a_path_that_can_not_be_written(made, tmp_path, path, error, message):
    (tmp_path / "a.parquet").mkdir()
    with pytest.raises(error, match=message):
        extract_features(made, tmp_path / path, [COLOR])


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([["a.png"]], TypeError, "X must be a pandas or polars DataFrame. Got list"),
        (pd.DataFrame({"image": []}), ValueError, "X holds no rows"),
    ],
)
def test_a_table_that_is_none(tmp_path, X, error, message):
    with pytest.raises(error, match=message):
        extract_features(X, tmp_path / "f.parquet", [COLOR])


def test_without_pyarrow_the_way_to_install_it_is_named(made, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(ImportError, match=r'pip install "mmclassic\[parquet\]"'):
        extract_features(made, tmp_path / "f.parquet", [COLOR])


def test_the_users_own_transformer_stays_as_it_was(made, tmp_path):
    color = ColorHistogram(invalid="missing", n_jobs=2)
    texture = StatisticsPooling(DenseSIFT(step=12))
    parts = [("color", color, "image"), ("texture", texture, "image")]
    extract_features(made[:8], tmp_path / "f.parquet", parts)
    assert (color.invalid, color.n_jobs) == ("missing", 2)
    assert not hasattr(texture, "descriptor_")


def test_a_cache_keeps_what_is_described(made, tmp_path):
    cache = tmp_path / "cache"
    first = extract_features(made, tmp_path / "a.parquet", [COLOR], cache=cache)
    again = extract_features(made, tmp_path / "b.parquet", [COLOR], cache=cache)
    from mmclassic.cache import FeatureCache

    kept = FeatureCache(cache)
    assert kept.info()["entries"] > 0
    kept.close()
    assert first.path.read_bytes() == again.path.read_bytes()


def test_progress_tells_of_every_row_once(made, tmp_path):
    told = []
    extract_features(
        made, tmp_path / "f.parquet", [COLOR], progress=told.append, n_jobs=2
    )
    assert sum(told) == 120 and len(told) == 4


def test_stamps_of_pictures_and_sounds(data_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(data_folder / "stamps")
    frame = pd.read_csv("items.csv")
    done = extract_features(
        frame,
        tmp_path / "f.parquet",
        image="image",
        audio={"speech": "speech_fr"},
        n_jobs=2,
    )
    table = pd.read_parquet(done.path)
    assert list(table) == [
        *("text", "text_fr", "speech_fr", "label", "fold", "image", "speech")
    ]
    assert done.n_features == {"image": 2420, "speech": 660}
    train = (table["fold"] != 1).to_numpy()
    model = make_multimodal_pipeline(
        text="text", vectors=["image", "speech"], random_state=0
    )
    model.fit(table[train], table["label"][train])
    score = model.score(table[~train], table["label"][~train])
    assert score > 0.5  # the largest class is .23
