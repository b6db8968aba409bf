"""Videos: shots beside PySceneDetect's, frames described, and what summaries show."""

from collections.abc import Callable

from benchmarks.common import Context, Row
from benchmarks.video.pooling import measure_pooling
from benchmarks.video.shots import measure_clips, measure_compilations
from benchmarks.video.summaries import measure_learned, measure_summaries, measure_time

NOTE = (
    "PySceneDetect's detectors are measured where it is installed, pictures read by "
    "PyAV for both.\nThe data holds no people's scores of its clips, so there is no "
    "F-score nor rank correlation with\nthem: what a summary shows is compared with "
    "random and evenly spaced choices, and learning with\nmade scores of one cue."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "shots": measure_clips,
    "compilations": measure_compilations,
    "pooling": measure_pooling,
    "summaries": measure_summaries,
    "learned": measure_learned,
    "time": measure_time,
}
