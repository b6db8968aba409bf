from ._compare import compare_modalities

__all__ = ["compare_modalities"]
