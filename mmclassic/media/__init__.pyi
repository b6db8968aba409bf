from ._audio import load_audio
from ._audio_blocks import audio_blocks
from ._cells import describe_cell, is_missing, load_text
from ._image import load_image
from ._video import Video, open_video
from ._waveform import Waveform

__all__ = [
    "Video",
    "Waveform",
    "audio_blocks",
    "describe_cell",
    "is_missing",
    "load_audio",
    "load_image",
    "load_text",
    "open_video",
]
