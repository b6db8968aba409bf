"""Descriptors of files, beside plain code and beside only decoding the same files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

from benchmarks.common import Context, Row
from benchmarks.real_or_made import environment, scenes
from benchmarks.timing import one_thread, row_of_times, take_turns
from mmclassic.audio import MFCC
from mmclassic.image import HOG

RATE = 22050
SIZE = 128, 128
N_SOUNDS, N_PICTURES = 20, 50  # files in a turn, about


def mfcc_from_files(context: Context) -> list[Row]:
    """Return mean and deviation of MFCC of sound files.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        Beside librosa, and beside only decoding and resampling.
    """
    functions = {
        "ours": MFCC(RATE).fit_transform,
        "librosa": _describe_by_librosa,
        "soundfile, soxr": _only_resample,
    }
    with environment(context) as source:
        seconds, (ours, peer) = _time_files(
            functions, source.table["audio"].tolist(), N_SOUNDS
        )
    files = f"{len(ours)} files of {source.title} to 22.05 kHz"
    turns = _count_turns(seconds)
    return [
        row_of_times(
            "MFCC from files",
            f"MFCC().transform of {files}, time of a file; peer: librosa.load, "
            f"librosa.feature.mfcc, mean and std, a file at a time, {turns}",
            seconds["ours"],
            seconds["librosa"],
            peer_name="librosa",
            at_least=1.4,
            error=float(np.abs(ours - peer).max()),
            error_of="dB",
            real=source.real,
        ),
        row_of_times(
            "MFCC over decoding",
            f"the same, beside only decoding and resampling the {files} by soundfile "
            f"and soxr, as librosa.load does, {turns}",
            seconds["ours"],
            seconds["soundfile, soxr"],
            peer_name="soundfile, soxr",
            at_most=1.25,
            real=source.real,
        ),
    ]


def hog_from_files(context: Context) -> list[Row]:
    """Return HOG of picture files at 128 x 128.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        Beside scikit-image, beside only reading, and what a linear SVM makes of both
        (their scaling differs, so that the numbers don't equal).
    """
    functions = {
        "ours": HOG(SIZE).fit_transform,
        "scikit-image": _describe_by_skimage,
        "skimage.io.imread": _only_read_by_skimage,
        "cv2.imread": _only_read_by_opencv,
    }
    with scenes(context) as source:
        seconds, (ours, peer) = _time_files(
            functions, source.table["image"].tolist(), N_PICTURES
        )
    files = f"{len(ours)} files of {source.title}"
    turns = _count_turns(seconds)
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(peer, axis=1)
    cosines = np.einsum("ij,ij->i", ours, peer) / np.maximum(norms, 1e-12)
    return [
        row_of_times(
            "HOG from files",
            f"HOG((128, 128)).transform of {files}, time of a file; peer: "
            "skimage.io.imread, skimage.transform.resize, skimage.feature.hog, a file "
            f"at a time, {turns}",
            seconds["ours"],
            seconds["scikit-image"],
            peer_name="scikit-image",
            at_least=5.0,
            error=float(1 - cosines.mean()),
            error_of="1 - mean cosine",
            real=source.real,
        ),
        *(
            row_of_times(
                f"HOG over {reader}",
                f"the same, beside only {reader} of the {files} in grey, {turns}",
                seconds["ours"],
                seconds[reader],
                peer_name=reader,
                at_most=2.5,
                real=source.real,
            )
            for reader in ("skimage.io.imread", "cv2.imread")
        ),
        Row(
            "HOG accuracy",
            f"linear SVM of these features of {source.title}, on its split; peer: the "
            "same on scikit-image's",
            _score(ours, source.table),
            peers={"scikit-image": _score(peer, source.table)},
            real=source.real,
        ),
    ]


def _time_files(
    functions: Mapping[str, Callable[[Sequence[str]], Any]],
    paths: Sequence[str],
    size: int,
) -> tuple[dict[str, NDArray[np.float64]], tuple[NDArray[Any], NDArray[Any]]]:
    """Return the seconds a file in each turn, and what the first two describe."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    described: list[list[NDArray[Any]]] = [[], []]
    with one_thread():
        for function in functions.values():  # what is built once, and compiled
            function(paths[:2])
        chunks = list(_read_chunks(paths, size))
        for chunk, (times, results) in zip(
            chunks, take_turns(functions, chunks), strict=True
        ):
            for name, each in times.items():
                seconds[name].append(each / len(chunk))
            for kept, result in zip(described, results.values(), strict=False):
                kept.append(np.asarray(result, np.float32))
    ours, peer = map(np.concatenate, described)
    return {name: np.array(each) for name, each in seconds.items()}, (ours, peer)


def _read_chunks(paths: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Give about size paths at a time, after their files have been read once."""
    n_chunks = max(1, round(len(paths) / size))
    for chunk in np.array_split(np.array(paths), n_chunks):
        for path in chunk:
            Path(path).read_bytes()
        yield chunk.tolist()


def _count_turns(seconds: Mapping[str, NDArray[np.float64]]) -> str:
    n_turns = len(seconds["ours"])
    return "in one turn" if n_turns == 1 else f"in {n_turns} turns"


def _describe_by_librosa(paths: Sequence[str]) -> list[NDArray[Any]]:
    import librosa

    rows = []
    for path in paths:
        samples, rate = librosa.load(path, sr=RATE)
        frames = librosa.feature.mfcc(y=samples, sr=rate)
        rows.append(np.r_[frames.mean(axis=1), frames.std(axis=1)])
    return rows


def _only_resample(paths: Sequence[str]) -> None:
    import soundfile
    import soxr

    for path in paths:
        samples, rate = soundfile.read(path, dtype="float32")
        if samples.ndim == 2:
            samples = samples.mean(axis=1)
        soxr.resample(samples, rate, RATE, quality="HQ")


def _describe_by_skimage(paths: Sequence[str]) -> list[NDArray[Any]]:
    from skimage.feature import hog
    from skimage.io import imread
    from skimage.transform import resize

    return [hog(resize(imread(path, as_gray=True), SIZE)) for path in paths]


def _only_read_by_skimage(paths: Sequence[str]) -> None:
    from skimage.io import imread

    for path in paths:
        imread(path, as_gray=True)


def _only_read_by_opencv(paths: Sequence[str]) -> None:
    for path in paths:
        cv2.imread(path, cv2.IMREAD_GRAYSCALE)


def _score(rows: NDArray[np.float32], table: Any) -> float:
    """Return the percentage of the test rows that a linear SVM finds."""
    train = (table["split"] == "train").to_numpy()
    rows = rows - rows[train].mean(axis=0)
    scale = 1 / np.mean(np.square(rows[train]).sum(axis=1))
    gram = rows @ rows[train].T * scale
    model = SVC(kernel="precomputed", C=3.0).fit(gram[train], table["label"][train])
    return 100 * float(model.score(gram[~train], table["label"][~train]))
