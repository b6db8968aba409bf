"""The house rules: layers, lint, spelling, types, public names and cheap imports."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mmclassic"

PUBLIC_NAMES = {
    "mmclassic": {
        "audio",
        "datasets",
        "encoding",
        "evaluation",
        "exceptions",
        "fusion",
        "image",
        "make_multimodal_pipeline",
        "media",
        "persistence",
        "text",
    },
    "mmclassic.audio": {"MFCC", "Waveform", "mfcc"},
    "mmclassic.datasets": {"fetch_esc10", "fetch_fsdd", "make_multimodal"},
    "mmclassic.encoding": {
        "BagOfWords",
        "FisherVector",
        "LocalFeatures",
        "StatisticsPooling",
        "VLAD",
    },
    "mmclassic.evaluation": {"compare_modalities"},
    "mmclassic.fusion": {
        "BlockScaler",
        "EarlyFusion",
        "LateFusionClassifier",
        "LateFusionRegressor",
    },
    "mmclassic.image": {
        "ColorHistogram",
        "DenseSIFT",
        "HOG",
        "SIFT",
        "dense_sift",
        "hog",
    },
    "mmclassic.persistence": {"load", "save"},
    "mmclassic.text": {"TfidfVectorizer", "Word2VecVectorizer", "chinese_tokenizer"},
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
    ],
    ids=" ".join,
)
def test_the_code_is_clean(command):
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_spelling_is_right():
    files = [
        *ROOT.glob("*.md"),
        *(p for top in ("mmclassic", "tests", "benchmarks") for p in python_files(top)),
    ]
    done = run("codespell_lib", "--toml", "pyproject.toml", *map(str, files))
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
        ("from mmclassic.audio import mfcc", ("sklearn", "librosa", "cv2", "pandas")),
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
