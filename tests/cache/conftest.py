"""Pictures on disk, and a count of how often each kind of work is done."""

import cv2
import numpy as np
import pytest

from mmclassic.encoding import VLAD, BagOfWords, FisherVector, StatisticsPooling
from mmclassic.encoding._local_encoder import LocalEncoder
from mmclassic.image import DenseSIFT

N = 12


@pytest.fixture
def pictures(tmp_path):
    """Paths of small pictures of spots, all different."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    folder.mkdir()
    paths = []
    for i in range(N):
        path = folder / f"{i}.png"
        cv2.imwrite(str(path), rng.integers(0, 256, (40, 40), dtype=np.uint8))
        paths.append(str(path))
    return paths


@pytest.fixture
def counted(monkeypatch):
    """How often a picture was described, an encoder learned, and a row encoded."""
    calls = {"describe": 0, "learn": 0, "encode": 0}

    def count(owner, name, kind):
        original = getattr(owner, name)

        def spy(*args, **kwargs):
            calls[kind] += 1
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, spy)

    count(DenseSIFT, "_describe", "describe")
    for encoder in (VLAD, BagOfWords, FisherVector, StatisticsPooling):
        count(encoder, "_fit_descriptors", "learn")
    original = LocalEncoder._cell_encoder

    def counting(self, describe):
        encode = original(self, describe)

        def spy(cell):
            calls["encode"] += 1
            return encode(cell)

        return spy

    monkeypatch.setattr(LocalEncoder, "_cell_encoder", counting)
    return calls
