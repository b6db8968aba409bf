from ._feature_cache import Cache, FeatureCache, as_cache
from ._identity import Libraries
from ._places import digest_of

__all__ = ["Cache", "FeatureCache", "Libraries", "as_cache", "digest_of"]
