from ._color_histogram import ColorHistogram
from ._dense_sift import DenseSIFT
from ._functions import dense_sift, hog
from ._hog import HOG
from ._local_color import LocalColor
from ._sift import SIFT

__all__ = [
    "HOG",
    "SIFT",
    "ColorHistogram",
    "DenseSIFT",
    "LocalColor",
    "dense_sift",
    "hog",
]
