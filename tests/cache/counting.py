"""Estimators that note each piece of work in a file, from whatever process."""

import os
from functools import partial

from mmclassic.encoding import BagOfWords
from mmclassic.image import DenseSIFT

LOG = "MMCLASSIC_TEST_LOG"


def note(kind):
    """Append a line to the log; short ones are written whole."""
    with open(os.environ[LOG], "a") as file:
        file.write(f"{kind}\n")


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
