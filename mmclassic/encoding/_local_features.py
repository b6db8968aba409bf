"""LocalFeatures, under the name that users find it by."""

from mmclassic._local_features import LocalFeatures

__all__ = ["LocalFeatures"]
