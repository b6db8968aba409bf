from ._fetch_esc10 import fetch_esc10
from ._fetch_fsdd import fetch_fsdd
from ._make_multimodal import make_multimodal

__all__ = ["fetch_esc10", "fetch_fsdd", "make_multimodal"]
