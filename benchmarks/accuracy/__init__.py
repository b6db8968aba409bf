"""What the features reach on the real data, each figure by a protocol of its own."""

from collections.abc import Callable

from benchmarks.accuracy.scenes import fisher_vectors, kernels, visual_words
from benchmarks.accuracy.sounds import digits, digits_of_new_speakers, environment
from benchmarks.accuracy.stamps import stamps
from benchmarks.accuracy.texts import hotels, movies, newsgroups, reuters
from benchmarks.common import Context, Row

# Printed under the table.
NOTE = (
    "Peers: 'plain' code runs beside ours; what is 'noted' was measured once, by plain "
    "code of\nscikit-learn, OpenCV and librosa; the others are published."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "fsdd": digits,
    "fsdd-speakers": digits_of_new_speakers,
    "esc10": environment,
    "mr": movies,
    "r8": reuters,
    "20ng": newsgroups,
    "chnsenticorp": hotels,
    "stamps": stamps,
    "scene15-words": visual_words,
    "scene15-fisher": fisher_vectors,
    "scene15-kernels": kernels,
}
