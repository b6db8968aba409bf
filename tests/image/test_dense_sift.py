"""DenseSIFT's own part: the mirrored picture beside the picture."""

import numpy as np

from mmclassic.encoding import FisherVector
from mmclassic.image import DenseSIFT


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
