from ._make_multimodal import make_multimodal

__all__ = ["make_multimodal"]
