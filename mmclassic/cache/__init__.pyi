from ._feature_cache import FeatureCache

__all__ = ["FeatureCache"]
