"""Estimators that note each piece of work in a file, from whatever process."""

import os
import time
from functools import partial

from mmclassic.encoding import BagOfWords
from mmclassic.image import DenseSIFT

LOG, PAUSE = "MMCLASSIC_TEST_LOG", "MMCLASSIC_TEST_PAUSE"


def note(kind):
    """Append a line to the log, which is written whole, and sleep if asked to."""
    with open(os.environ[LOG], "a") as file:
        file.write(f"{kind}\n")
    time.sleep(float(os.environ.get(PAUSE, "0")))


class CountingSIFT(DenseSIFT):
    """Notes each picture that it describes."""

    def _describe(self, item):
        note("describe")
        return super()._describe(item)


class CountingBag(BagOfWords):
    """Notes each fit, and each picture that it encodes."""

    def _fit_descriptors(self, sample, random_state):
        note("learn")
        super()._fit_descriptors(sample, random_state)

    def _encoding(self):
        return partial(_encode, encode=super()._encoding())


def _encode(features, regions, *, encode):
    note("encode")
    return encode(features, regions)
