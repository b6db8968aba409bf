"""The track of a video to the sound of spans of it, in one pass."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mmclassic.media import Video, Waveform

__all__ = ["clips"]


def clips(video: Video, spans: NDArray[np.float64]) -> Iterator[Waveform]:
    """Yield the sound of each span.

    Parameters
    ----------
    video : Video
        With a track.
    spans : ndarray of shape (n_spans, 2)
        Starts, in order, and ends, seconds; they may overlap.

    Yields
    ------
    Waveform
        Memory holds the longest of them, and a block.
    """
    rate = video.sample_rate or 1
    blocks = video.audio_blocks()
    held, at = next(blocks)[1].samples, 0  # and the place of the first one held
    for first, last in np.rint(spans * rate).astype(np.int64).tolist():
        while at + len(held) < last and (block := next(blocks, None)) is not None:
            n_past = min(max(0, first - at), len(held))
            held, at = np.concatenate([held[n_past:], block[1].samples]), at + n_past
        yield Waveform(held[first - at : last - at], rate)
