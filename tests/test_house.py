"""The house rules: layers, lint, spelling, types, public names and cheap imports."""

import ast
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from shutil import copy

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mmclassic"
CI = ROOT / ".ci" / "run"
TEST_COMMAND = (
    'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/pytest'
)
MARKDOWN = sorted(path.name for path in ROOT.glob("*.md"))

PUBLIC_NAMES = {
    "mmclassic": {
        "audio",
        "cache",
        "datasets",
        "encoding",
        "evaluation",
        "exceptions",
        "extraction",
        "fusion",
        "image",
        "inspection",
        "make_multimodal_pipeline",
        "media",
        "persistence",
        "retrieval",
        "summarization",
        "text",
        "transcription",
        "video",
    },
    "mmclassic.audio": {"MFCC", "Waveform", "mfcc"},
    "mmclassic.cache": {"FeatureCache"},
    "mmclassic.datasets": {"fetch_esc10", "fetch_fsdd", "make_multimodal"},
    "mmclassic.encoding": {
        "BagOfWords",
        "FisherVector",
        "LocalFeatures",
        "StatisticsPooling",
        "VLAD",
    },
    "mmclassic.evaluation": {"compare_modalities"},
    "mmclassic.extraction": {"extract_features"},
    "mmclassic.fusion": {
        "BlockScaler",
        "EarlyFusion",
        "KernelFusionClassifier",
        "LateFusionClassifier",
        "LateFusionRegressor",
    },
    "mmclassic.image": {
        "ColorHistogram",
        "DenseSIFT",
        "HOG",
        "LocalColor",
        "SIFT",
        "TextReader",
        "dense_sift",
        "hog",
    },
    "mmclassic.inspection": {
        "ModalityImportanceDisplay",
        "explain_row",
        "make_report",
        "modality_contributions",
        "modality_importance",
    },
    "mmclassic.persistence": {"load", "save"},
    "mmclassic.retrieval": {
        "CrossModalMatcher",
        "CrossModalRetriever",
        "ranking_scores",
    },
    "mmclassic.summarization": {
        "VideoSummarizer",
        "VideoSummary",
        "keyshot_f_score",
        "rank_correlation",
    },
    "mmclassic.text": {"TfidfVectorizer", "Word2VecVectorizer", "chinese_tokenizer"},
    "mmclassic.transcription": {"SpeechTranscriber", "WordRecognizer"},
    "mmclassic.video": {"FramePooling", "detect_shots"},
}


def run(*command):
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("codespell_lib", "mmclassic", "tests", "benchmarks", *MARKDOWN),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_code_is_clean(command):
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_point_down_only():
    code = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", PUBLIC_NAMES)
def test_public_names_are_those_of_the_design(module):
    names = import_module(module).__all__
    assert set(names) == PUBLIC_NAMES[module]
    assert list(names) == sorted(names)
    for name in names:
        assert getattr(import_module(module), name).__doc__


def python_files(top):
    return sorted((ROOT / top).rglob("*.py"))


def test_modules_are_short_and_open_with_one_sentence():
    for path in python_files("mmclassic"):
        source = path.read_text()
        assert len(source.splitlines()) <= 300, path
        first = (ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0]
        assert first.endswith("."), path


def test_every_submodule_is_private_and_every_init_lazy():
    for path in python_files("mmclassic"):
        private = path.name.startswith("_") or path.name == "exceptions.py"
        assert private or "_kernels" in path.parts, path
        if path.name == "__init__.py" and path.parent.name != "_kernels":
            assert "lazy_loader.attach_stub" in path.read_text(), path


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import mmclassic", ("numpy", "sklearn", "cv2", "pandas")),
        ("from mmclassic.audio import mfcc", ("sklearn", "librosa", "pandas")),
        ("from mmclassic.image import hog, dense_sift", ("sklearn", "pandas")),
        ("from mmclassic.media import load_image", ("sklearn", "pandas", "soundfile")),
        ("from mmclassic.cli import main", ("numpy", "sklearn", "cv2", "pandas")),
    ],
)
def test_an_import_pays_only_for_what_it_needs(statement, absent):
    code = f"import sys; {statement}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not set(absent) & set(loaded)


def test_nothing_prints_but_the_command_line():
    for path in python_files("mmclassic"):
        if "cli" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            assert not (called and node.func.id == "print"), path


@pytest.mark.parametrize("beside", [False, True], ids=["without data", "with data"])
@pytest.mark.parametrize(
    ("printed", "code", "expected"),
    [
        ("5 passed", 0, (0, 0)),
        ("SKIPPED [3] tests/test_a.py:9: real data is not at /x", 0, (0, 1)),
        ("SKIPPED [1] tests/test_a.py:9: another reason", 0, (0, 0)),
        ("1 failed", 2, (2, 2)),
    ],
)
def test_continuous_integration_lets_no_test_of_the_real_data_be_skipped(
    tmp_path, printed, code, expected, beside
):
    repository = tmp_path / "repository"
    script = repository / ".ci" / "run"
    script.parent.mkdir(parents=True)
    copy(CI, script)
    (repository / "README.md").write_text("```\npython3 -m venv pytest\n```\n")
    if beside:
        (tmp_path / "shared" / "data").mkdir(parents=True)
    tools = tmp_path / "tools"
    tools.mkdir()
    python = tools / "python3"  # in place of all that the command runs
    python.write_text(f"#!/bin/sh\necho '{printed}'\nexit {code}\n")
    python.chmod(0o755)
    (tools / "chromium").symlink_to(python)  # there, so that none is installed
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    environment.pop("MMCLASSIC_DATA", None)
    done = subprocess.run([script], env=environment, capture_output=True, text=True)
    assert done.returncode == expected[beside], done.stdout + done.stderr
    assert printed in done.stdout


def test_continuous_integration_runs_the_command_of_the_readme():
    pattern = re.search(r"grep -m 1 -E '(.+)' README", CI.read_text()).group(1)
    found = re.findall(pattern, (ROOT / "README.md").read_text(), re.MULTILINE)
    assert found == [TEST_COMMAND]
    assert TEST_COMMAND in (ROOT / "CONTRIBUTING.md").read_text()
