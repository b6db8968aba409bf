"""A small made table in memory, and pipelines that are quick to fit."""

import pytest

from mmclassic import make_multimodal_pipeline
from mmclassic.datasets import make_multimodal

COLUMNS = {"text": "text", "image": "image", "audio": "audio"}
QUICK = {"__encoder__n_components": 3, "__encoder__descriptor__step": 16}


@pytest.fixture(scope="session")
def made():
    """Forty rows of text, picture and sound, four classes, some cells missing."""
    return make_multimodal(40, missing=0.05, return_X_y=True, random_state=0)


@pytest.fixture(scope="session")
def build():
    """Return the function that builds a pipeline with few, coarse local features."""

    def build_quick(**settings):
        if not {"text", "image", "audio", "vectors", "tabular"} & set(settings):
            settings |= COLUMNS
        model = make_multimodal_pipeline(**{"random_state": 0} | settings)
        quick = {
            path: value
            for path in model.get_params()
            for end, value in QUICK.items()
            if path.endswith(end)
        }
        return model.set_params(**quick)

    return build_quick
