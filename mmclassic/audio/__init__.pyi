from ._functions import mfcc
from ._mfcc import MFCC
from ._waveform import Waveform

__all__ = ["MFCC", "Waveform", "mfcc"]
