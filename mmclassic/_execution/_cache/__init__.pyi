from ._content import content_digest
from ._feature_cache import Cache, FeatureCache, as_cache
from ._identity import Libraries, identity_digest
from ._places import digest_of

__all__ = [
    "Cache",
    "FeatureCache",
    "Libraries",
    "as_cache",
    "content_digest",
    "digest_of",
    "identity_digest",
]
