"""The functions of arrays, without scikit-learn."""

from mmclassic._kernels.dense_sift import dense_sift
from mmclassic._kernels.hog import hog

__all__ = ["dense_sift", "hog"]
