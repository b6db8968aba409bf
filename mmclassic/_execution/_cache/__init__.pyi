from ._content import content_digest
from ._feature_cache import Cache, FeatureCache, as_cache
from ._identity import Libraries

__all__ = ["Cache", "FeatureCache", "Libraries", "as_cache", "content_digest"]
