"""The pure functions beside their peers: alternating calls, one thread, medians."""

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.common import Context, Row
from mmclassic.audio import mfcc
from mmclassic.image import dense_sift, hog

SECONDS = 6.0  # of a figure, about
MIN_PAIRS, MAX_PAIRS = 15, 400


def measure_mfcc(context: Context) -> list[Row]:
    """Return MFCC with librosa's defaults, of 5 s and of 0.5 s.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    import librosa

    rows = []
    for seconds in (5.0, 0.5):
        samples = make_sound(seconds)
        rows.append(
            compare(
                f"mfcc {seconds:g} s",
                f"{seconds:g} s at 22.05 kHz, float32, defaults of both; peer: librosa",
                lambda samples=samples: mfcc(samples),
                lambda samples=samples: librosa.feature.mfcc(y=samples, sr=22050),
                lambda ours, peer: np.abs(ours - peer.T).max(),
                "dB",
                context,
            )
        )
    return rows


def measure_hog(context: Context) -> list[Row]:
    """Return HOG with scikit-image's defaults, of large and small pictures.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    from skimage.feature import hog as peer_hog

    picture = make_picture(512)
    cases = {
        "hog 512 uint8": picture,
        "hog 512 float32": picture.astype(np.float32) / 255,
        "hog 64 uint8": picture[:64, :64].copy(),
    }
    return [
        compare(
            name,
            f"{image.shape[0]} x {image.shape[1]} pixels, {image.dtype}, defaults of "
            "both; peer: scikit-image",
            lambda image=image: hog(image),
            lambda image=image: peer_hog(image),
            lambda ours, peer: np.abs(ours - peer).max(),
            "",
            context,
        )
        for name, image in cases.items()
    ]


def measure_dense_sift(context: Context) -> list[Row]:
    """Return SIFT on a grid beside OpenCV's on keypoints at the same places.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    picture = make_picture(512)
    return [_measure_dense_sift(picture, bin_size, context) for bin_size in (4, 8)]


def _measure_dense_sift(
    picture: NDArray[np.uint8], bin_size: int, context: Context
) -> Row:
    def ours() -> Any:
        # OpenCV takes the picture to have a blur of 0.5, and blurs it to 1.6.
        return dense_sift(
            picture,
            step=8,
            bin_sizes=(bin_size,),
            sigma=np.sqrt(1.6**2 - 0.5**2),
            window="gaussian",
            contrast_threshold=0,
            low_contrast="zero",
        )

    centres = ours().positions * picture.shape - 0.5
    points = [cv2.KeyPoint(float(x), float(y), bin_size * 2 / 3, 0) for y, x in centres]
    detector = cv2.SIFT_create()
    return compare(
        f"dense_sift 512 bins {bin_size}",
        f"512 x 512 pixels, uint8, the same {len(points)} points 8 pixels apart, bins "
        f"of {bin_size} pixels, OpenCV's blur and window; peer: cv2.SIFT.compute",
        ours,
        lambda: detector.compute(picture, points)[1],
        lambda ours, peer: 1 - _cosines(ours.descriptors, peer).mean(),
        "1 - mean cosine",
        context,
    )


# Printed under the table.
NOTE = "Medians; the ratio is of the two calls of a pair: its median and quartiles."
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "mfcc": measure_mfcc,
    "hog": measure_hog,
    "dense_sift": measure_dense_sift,
}


def compare(
    name: str,
    protocol: str,
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    distance: Callable[[Any, Any], Any],
    unit: str,
    context: Context,
) -> Row:
    """Time two functions in turn, in one process and one thread.

    Parameters
    ----------
    name, protocol : str
    ours, peer : callable
    distance : callable
        Of what the two return.
    unit : str
        Of the distance.
    context : Context

    Returns
    -------
    Row
        The ratio is of the two calls of a pair: its median and quartiles.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            error = float(distance(ours(), peer()))
            once = _seconds(ours) + _seconds(peer)
            pairs = 3 if context.quick else int(SECONDS / once)
            pairs = min(max(pairs, 3 if context.quick else MIN_PAIRS), MAX_PAIRS)
            times = np.array([(_seconds(ours), _seconds(peer)) for _ in range(pairs)])
    finally:
        cv2.setNumThreads(threads)
    mine, other = np.median(times, axis=0) * 1e3
    low, middle, high = np.percentile(times[:, 1] / times[:, 0], [25, 50, 75])
    return Row(
        name,
        f"{protocol}; {pairs} pairs of calls",
        float(mine),
        unit="ms",
        peers={"peer": float(other)},
        ratio=(float(middle), float(low), float(high)),
        error=error,
        error_of=unit or "at most",
    )


def make_sound(seconds: float, sample_rate: int = 22050) -> NDArray[np.float32]:
    """Return a sound of gliding tones that swell and fade in noise.

    Parameters
    ----------
    seconds : float
    sample_rate : int, default=22050
        Hertz.

    Returns
    -------
    ndarray of shape (n_samples,), float32
    """
    rng = np.random.default_rng(0)
    t = np.arange(int(seconds * sample_rate)) / sample_rate
    tones = sum(
        np.sin(2 * np.pi * pitch * (t + 0.05 * np.sin(3 * t))) for pitch in (220, 1320)
    )
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * 2 * t)
    return (0.2 * tones * swell + 0.01 * rng.normal(size=t.size)).astype(np.float32)


def make_picture(size: int) -> NDArray[np.uint8]:
    """Return a grey picture of soft spots and sharp squares.

    Parameters
    ----------
    size : int
        Height and width, pixels.

    Returns
    -------
    ndarray of shape (size, size), uint8
    """
    rng = np.random.default_rng(0)
    noise = rng.random((size, size)).astype(np.float32)
    picture = sum(width * cv2.GaussianBlur(noise, (0, 0), width) for width in (1, 3, 9))
    for y, x in rng.integers(0, size - 32, size=(20, 2)):
        picture[y : y + 32, x : x + 32] += rng.normal()
    return cv2.normalize(picture, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def _seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _cosines(ours: NDArray[Any], peer: NDArray[Any]) -> NDArray[np.float64]:
    ours, peer = ours.astype(np.float64), peer.astype(np.float64)
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(peer, axis=1)
    return np.einsum("ij,ij->i", ours, peer) / np.maximum(norms, 1e-12)
