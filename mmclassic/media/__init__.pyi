from ._audio import load_audio
from ._cells import describe_cell, is_missing, load_text
from ._image import load_image
from ._waveform import Waveform

__all__ = [
    "Waveform",
    "describe_cell",
    "is_missing",
    "load_audio",
    "load_image",
    "load_text",
]
