"""Figures as a run would have measured them."""

import pytest

from benchmarks.common import Row
from benchmarks.results import Measured


@pytest.fixture
def setting():
    return {
        "processor": "A processor",
        "cpus": 2,
        "system": "Linux x86_64",
        "python": "3.11.7",
        "versions": {"numpy": "2.4.6"},
    }


@pytest.fixture
def measured(setting):
    fast = Row(
        "mfcc 5 s",
        "a clip, defaults; 15 pairs of calls",
        1.25,
        unit="ms",
        peers={"librosa": 5.0},
        ratio=(4.0, 3.9, 4.2),
        at_least=4.0,
        error=3e-5,
        error_of="dB",
    )
    slow = Row(
        "hog 64",
        "a picture",
        0.1,
        unit="ms",
        peers={"scikit-image": 0.7},
        ratio=(7.0, 6.5, 7.5),
        at_least=8.0,
    )
    bounded = Row(
        "MFCC over decoding",
        "files of ESC-10",
        24.0,
        unit="ms",
        peers={"soundfile, soxr": 20.0},
        ratio=(1.2, 1.1, 1.3),
        ratio_of="time",
        at_most=1.25,
        real=True,
    )
    memory = Row("peak", "", 200.0, unit="MiB", ratio=(1.1, 1, 1.2), ratio_of="memory")
    growth = Row("growth", "", 20.0, unit="ms", ratio=(1.1, 1, 1.2), ratio_of="time")
    return [
        Measured("kernels", "mfcc", (fast,), False, setting),
        Measured("kernels", "hog", (slow,), False, setting),
        Measured("pipeline", "mfcc", (bounded,), False, setting),
        Measured("scale", "words", (memory, growth), False, setting),
    ]
