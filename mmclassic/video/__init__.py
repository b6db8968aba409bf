"""Videos to descriptors: frames described in turn, and the shots they make."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
