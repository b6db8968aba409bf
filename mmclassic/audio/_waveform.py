"""Waveform, at home in media, where whoever works with sound looks for it."""

from mmclassic.media import Waveform

__all__ = ["Waveform"]
