"""What is left of models where cells are missing is scored rightly."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.common import Context
from benchmarks.fusion.described import Block, Fold
from benchmarks.missing.curves import curves


def test_a_modality_alone_is_scored_by_whole_labels():
    y = np.array(["cup", "cup", "kettle"] * 20)  # the commonest has the shortest name
    block = Block((y == "kettle").astype(float)[:, None], LogisticRegression())
    fold = Fold({"shape": block}, y, None, np.arange(30), np.arange(30, 60))
    left = curves([fold], Context(None, quick=True))["shape alone"]
    assert left[0.0] == [1.0]
    assert 2 / 3 <= left[0.75][0] < 1.0
