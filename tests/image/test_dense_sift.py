"""DenseSIFT's own parts: the mirrored picture beside the picture, and its colours."""

import cv2
import numpy as np
import pytest

from mmclassic._kernels.color import opponent
from mmclassic.encoding import FisherVector
from mmclassic.image import DenseSIFT, dense_sift


def test_mirrored_descriptors_come_after_the_pictures_own(grey):
    alone = DenseSIFT(step=8).describe(grey)
    both = DenseSIFT(step=8, mirror=True).describe(grey)
    n = len(alone)
    assert len(both) == 2 * n
    assert np.array_equal(both.descriptors[:n], alone.descriptors)
    np.testing.assert_allclose(
        both.positions[n:, 1], 1 - alone.positions[:, 1], atol=1e-6
    )


def test_mirrored_descriptors_of_a_stamp_are_opaque_ones(stamp):
    both = DenseSIFT(step=8, mirror=True).describe(stamp)
    right = both.positions[len(both) // 2 :, 1]
    assert ((right >= 1 - 110 / 120) & (right <= 1 - 50 / 120)).all()


def test_a_picture_and_its_mirror_image_have_one_fisher_vector(grey):
    # 96 x 97: grids that are their own mirror images.
    picture = np.ascontiguousarray(grey[:, :97])
    fisher = FisherVector(
        DenseSIFT(root=True, mirror=True), n_components=4, random_state=0
    )
    rows = fisher.fit_transform([picture, picture[:, ::-1], grey.T])
    assert np.linalg.norm(rows[0] - rows[1]) < 0.1
    assert np.linalg.norm(rows[0] - rows[2]) > 0.2


@pytest.mark.parametrize("channel", ["red-green", "yellow-blue"])
def test_an_edge_of_an_opponent_colour_is_described(channel):
    picture = np.full((64, 64, 3), (140, 128, 128), dtype=np.uint8)
    picture[:, 32:, 1 if channel == "red-green" else 2] = 160
    picture = cv2.cvtColor(picture, cv2.COLOR_LAB2RGB)
    seen = DenseSIFT(8, bin_sizes=(4,), channel=channel).describe(picture)
    own = opponent(picture, channel)
    expected = dense_sift(own, step=8, bin_sizes=(4,))
    np.testing.assert_array_equal(seen.descriptors, expected.descriptors)
    assert len(seen.descriptors) > 8
    assert own[:, :28].mean() == pytest.approx(128, abs=4)
    assert own[:, 36:].mean() == pytest.approx(128 + 3 * 32, abs=9)
    other = {"red-green": "yellow-blue", "yellow-blue": "red-green"}[channel]
    assert opponent(picture, other).std() < 6


def test_a_grey_picture_has_no_colours_to_describe():
    picture = np.repeat(np.arange(0, 250, 5, dtype=np.uint8)[:, np.newaxis], 50, axis=1)
    for channel in ("red-green", "yellow-blue"):
        assert len(DenseSIFT(8, channel=channel).describe(picture).descriptors) == 0
    with pytest.raises(ValueError, match="'channel' parameter of DenseSIFT"):
        DenseSIFT(channel="cyan").fit([picture])
