from ._frame_pooling import FramePooling
from ._shots import detect_shots

__all__ = ["FramePooling", "detect_shots"]
