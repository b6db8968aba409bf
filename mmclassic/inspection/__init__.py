"""Inspect a fitted model: which modality did it, what in it, and a report of both."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
