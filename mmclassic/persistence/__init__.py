"""Write a model to a file that runs no code when it is read, and read it back."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
