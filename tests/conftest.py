"""Shared fixtures: where the real data lies."""

import os
from pathlib import Path

import pytest

DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real data; skip where a checkout has none.

    A folder named by ``MMCLASSIC_DATA`` must be there: its absence fails.
    """
    named = os.environ.get("MMCLASSIC_DATA")
    folder = Path(named) if named else DEFAULT_DATA
    if not folder.is_dir():
        if named:
            pytest.fail(f"MMCLASSIC_DATA names {folder}, which is no folder.")
        pytest.skip(f"real data is not at {folder}; set MMCLASSIC_DATA")
    return folder
