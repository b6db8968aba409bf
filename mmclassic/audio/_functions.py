"""The pure functions of sound, without scikit-learn's time of import."""

from mmclassic._kernels.mfcc import mfcc

__all__ = ["mfcc"]
