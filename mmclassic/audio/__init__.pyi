from ._functions import mfcc

__all__ = ["mfcc"]
