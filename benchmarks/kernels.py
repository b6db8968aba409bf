"""The pure functions beside their peers: alternating calls, one thread, medians."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Context, Row
from benchmarks.real_or_made import clip, photo
from benchmarks.timing import compare
from mmclassic.audio import mfcc
from mmclassic.image import dense_sift, hog

# Of bins, pixels: the ratio asked for. At 24 OpenCV's keypoints have a size of 16.
BIN_SIZES = {4: None, 8: None, 12: None, 24: 50.0}


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
        samples, title, real = clip(context, seconds)
        rows.append(
            compare(
                f"mfcc {seconds:g} s",
                f"mfcc of {title}, {seconds:g} s at 22.05 kHz, float32, defaults of "
                "both; peer: librosa.feature.mfcc",
                lambda samples=samples: mfcc(samples),
                lambda samples=samples: librosa.feature.mfcc(y=samples, sr=22050),
                lambda ours, peer: np.abs(ours - peer.T).max(),
                "dB",
                context,
                peer_name="librosa",
                at_least=4.0,
                real=real,
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

    rows = []
    for size, dtype, at_least in (
        (512, np.uint8, 15.0),
        (64, np.uint8, 8.0),
        (512, np.float32, 5.0),
    ):
        pixels, title, real = photo(context, size)
        if dtype is np.float32:
            pixels = pixels.astype(np.float32) / 255
        rows.append(
            compare(
                f"hog {size} {pixels.dtype}",
                f"hog of {title}, {size} x {size} pixels, grey, {pixels.dtype}, "
                "defaults of both; peer: skimage.feature.hog",
                lambda pixels=pixels: hog(pixels),
                lambda pixels=pixels: peer_hog(pixels),
                lambda ours, peer: np.abs(ours - peer).max(),
                "",
                context,
                peer_name="scikit-image",
                at_least=at_least,
                real=real,
            )
        )
    return rows


def measure_dense_sift(context: Context) -> list[Row]:
    """Return SIFT on a grid beside OpenCV's on keypoints at the same places.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    pixels, title, real = photo(context, 192 if context.quick else 512)
    return [
        _measure_dense_sift(pixels, bin_size, context, title, real)
        for bin_size in BIN_SIZES
    ]


def _measure_dense_sift(
    pixels: NDArray[np.uint8], bin_size: int, context: Context, title: str, real: bool
) -> Row:
    def ours() -> Any:
        # OpenCV takes the picture to have a blur of 0.5, and blurs it to 1.6.
        return dense_sift(
            pixels,
            step=8,
            bin_sizes=(bin_size,),
            sigma=np.sqrt(1.6**2 - 0.5**2),
            window="gaussian",
            contrast_threshold=0,
            low_contrast="zero",
        )

    size = bin_size * 2 / 3  # OpenCV's bins are one and a half of a keypoint's size
    centres = ours().positions * pixels.shape - 0.5
    points = [cv2.KeyPoint(float(x), float(y), size, 0) for y, x in centres]
    detector = cv2.SIFT_create()
    shape = " x ".join(map(str, pixels.shape))
    return compare(
        f"dense_sift bins of {bin_size}",
        f"dense_sift of {title}, {shape} pixels, grey, uint8, the same {len(points)} "
        f"points 8 pixels apart, bins of {bin_size} pixels (keypoints of size "
        f"{size:.3g}), OpenCV's blur and window; peer: cv2.SIFT.compute",
        ours,
        lambda: detector.compute(pixels, points)[1],
        lambda ours, peer: 1 - _cosines(ours.descriptors, peer).mean(),
        "1 - mean cosine",
        context,
        peer_name="OpenCV",
        at_least=BIN_SIZES[bin_size],
        real=real,
    )


# Printed under the table.
NOTE = (
    "Medians; the ratio is of the two calls of a pair: its median and quartiles. One "
    "thread each."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "mfcc": measure_mfcc,
    "hog": measure_hog,
    "dense_sift": measure_dense_sift,
}


def _cosines(ours: NDArray[Any], peer: NDArray[Any]) -> NDArray[np.float64]:
    ours, peer = ours.astype(np.float64), peer.astype(np.float64)
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(peer, axis=1)
    return np.einsum("ij,ij->i", ours, peer) / np.maximum(norms, 1e-12)
