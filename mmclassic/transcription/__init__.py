"""Speech to words: continuous speech to text, and clips of one word to its class."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
