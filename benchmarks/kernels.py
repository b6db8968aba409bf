"""The pure functions beside their peers: alternating calls, one thread, medians."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Context, Row
from benchmarks.made_data import make_picture, make_sound
from benchmarks.timing import compare
from mmclassic.audio import mfcc
from mmclassic.image import dense_sift, hog


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


def _cosines(ours: NDArray[Any], peer: NDArray[Any]) -> NDArray[np.float64]:
    ours, peer = ours.astype(np.float64), peer.astype(np.float64)
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(peer, axis=1)
    return np.einsum("ij,ij->i", ours, peer) / np.maximum(norms, 1e-12)
