"""A made table on disk, and the commands run in another folder."""

import pandas as pd
import pytest
from click.testing import CliRunner

from mmclassic.cli import main
from mmclassic.datasets import make_multimodal


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """A folder of one table in several forms: text, image, audio, and plain columns."""
    folder = tmp_path_factory.mktemp("tables")
    frame = make_multimodal(40, missing=0.05, folder=folder, random_state=0).frame
    frame = pd.read_csv(folder / "items.csv")
    frame["pair"] = [f"pair {row // 2}" for row in range(40)]
    frame["split"] = ["train" if row % 4 else "test" for row in range(40)]
    frame["size"] = [None if row == 3 else float(row) for row in range(40)]
    frame.to_csv(folder / "items.csv", index=False)
    frame.set_index("pair", drop=False).to_parquet(folder / "items.parquet")
    return folder


@pytest.fixture
def frame(tables):
    return pd.read_csv(tables / "items.csv")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in an empty folder that the table's paths don't lead from."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run_command(*arguments):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run_command
