from ._color_histogram import ColorHistogram
from ._dense_sift import DenseSIFT
from ._functions import dense_sift, hog
from ._hog import HOG
from ._local_color import LocalColor
from ._sift import SIFT
from ._text_reader import TextReader

__all__ = [
    "HOG",
    "SIFT",
    "ColorHistogram",
    "DenseSIFT",
    "LocalColor",
    "TextReader",
    "dense_sift",
    "hog",
]
