"""Every notebook runs from start to end, and is stored with what it shows."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.name for path in NOTEBOOKS]
MAX_BYTES = 400_000
# Of jupyter's own event loops, sockets and folders.
pytestmark = pytest.mark.filterwarnings("ignore")


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_it_runs_from_start_to_end(path, tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    data = Path(os.environ.get("MMCLASSIC_DATA") or ROOT.parent / "shared" / "data")
    if data.is_dir():
        monkeypatch.setenv("MMCLASSIC_DATA", str(data.resolve()))
    shutil.copy(path, tmp_path)
    notebook = nbformat.read(tmp_path / path.name, as_version=4)
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    left = {child.name for child in tmp_path.iterdir()} - {path.name}
    assert not left, "the notebook leaves files behind"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_it_is_stored_run_in_order_small_and_without_paths_of_a_machine(path):
    notebook = json.loads(path.read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    counts = [cell["execution_count"] for cell in code]
    assert counts == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [o for o in outputs if o["output_type"] == "error"]
    assert not [o for o in outputs if o.get("name") == "stderr"]
    assert any(kind.startswith("image/") for o in outputs for kind in o.get("data", {}))
    assert path.stat().st_size < MAX_BYTES
    text = "".join(
        line
        for output in outputs
        for line in output.get("text", output.get("data", {}).get("text/plain", []))
    )
    assert not re.search(r"/(home|root|tmp|work|Users|usr)/|[A-Z]:\\\\", text)
