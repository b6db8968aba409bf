"""FeatureCache, which the execution of every stage knows, under its public name."""

from mmclassic._execution import FeatureCache

__all__ = ["FeatureCache"]
