"""Videos: shots beside PySceneDetect's, frames described, and what summaries show."""

from collections.abc import Callable

from benchmarks.common import Context, Row
from benchmarks.video.pooling import measure_pooling
from benchmarks.video.shots import measure_clips, measure_compilations
from benchmarks.video.summaries import measure_learned, measure_summaries, measure_time

NOTE = (
    "PySceneDetect's detectors are measured where it is installed. The data holds no "
    "people's\nscores of its clips, so there is no F-score nor rank correlation with "
    "them: what a summary\nshows is compared with random and evenly spaced choices, "
    "and learning with made scores of\none cue."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "shots": measure_clips,
    "compilations": measure_compilations,
    "pooling": measure_pooling,
    "summaries": measure_summaries,
    "learned": measure_learned,
    "time": measure_time,
}
