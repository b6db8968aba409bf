"""Fuse modalities: into one block of features, or one prediction out of several."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
