"""Dense SIFT and a bag of its words that count what they do, in this process."""

from collections import Counter
from functools import partial
from typing import Any

from mmclassic.encoding import BagOfWords
from mmclassic.image import DenseSIFT

__all__ = ["DONE", "CountedBag", "CountedSIFT"]

# Pictures described, codebooks fitted, rows encoded.
DONE: Counter[str] = Counter()


class CountedSIFT(DenseSIFT):
    """Counts each picture that it describes."""

    def _describe(self, item: Any) -> Any:
        DONE["described"] += 1
        return super()._describe(item)


class CountedBag(BagOfWords):
    """Counts each fit, and each picture that it encodes."""

    def _fit_descriptors(self, sample: Any, random_state: Any) -> None:
        DONE["fitted"] += 1
        super()._fit_descriptors(sample, random_state)

    def _encoding(self) -> Any:
        return partial(_encode, encode=super()._encoding())


def _encode(features: Any, regions: Any, *, encode: Any) -> Any:
    DONE["encoded"] += 1
    return encode(features, regions)
