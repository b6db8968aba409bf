from ._skops import load, save

__all__ = ["load", "save"]
