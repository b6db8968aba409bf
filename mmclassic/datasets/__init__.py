"""Data sets: one made on the spot, and real ones fetched from their origin."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
