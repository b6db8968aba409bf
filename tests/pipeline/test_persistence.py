"""Every pipeline comes back from its file with equal predictions in a fresh process."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, SVR

from mmclassic.fusion import EarlyFusion, LateFusionClassifier
from mmclassic.persistence import save
from mmclassic.text import TfidfVectorizer, Word2VecVectorizer, chinese_tokenizer

TWO = {"text": "text", "audio": "audio"}
STACKED = LateFusionClassifier([], method="stacking", cv=2, refit_features=False)
SUM = EarlyFusion([], method="sum", n_components=8, missing="indicator")
BOOSTING = HistGradientBoostingClassifier(max_iter=3, random_state=0)
PIPELINES = {
    "early": {"fusion": "early"},
    "late": {"fusion": "late"},
    "vectors": {"vectors": "vector", "text": "text"},
    "tabular early": {"tabular": ["size", "tone"], "fusion": "early"},
    "tabular late": {"tabular": ["size", "tone"], "text": "text"},
    "sum": {**TWO, "fusion": SUM},
    "stacking": {**TWO, "fusion": STACKED},
    "boosting early": {"fusion": "early", "classifier": BOOSTING},
    "boosting late": {**TWO, "fusion": STACKED, "classifier": BOOSTING},
    "boosting by name": {"audio": "audio", "classifier": "gradient_boosting"},
    "logistic": {**TWO, "classifier": LogisticRegression()},
    "forest": {**TWO, "classifier": RandomForestClassifier(3, random_state=0)},
    "svc": {**TWO, "fusion": "early", "classifier": SVC()},
    "ridge": {**TWO, "fusion": "early", "classifier": Ridge()},
    "svr": {**TWO, "fusion": "late", "classifier": SVR()},
}
READ = """
import pickle, sys
from pathlib import Path
from mmclassic.persistence import load

folder = Path(sys.argv[1])
X = pickle.loads((folder / "X.pkl").read_bytes())
outputs = {}
for path in folder.glob("*.skops"):
    model = load(path)
    decide = getattr(model, "predict_proba", model.predict)
    outputs[path.stem] = model.predict(X), decide(X)
(folder / "outputs.pkl").write_bytes(pickle.dumps(outputs))
"""


def words_of_their_own(text):
    """Return late fusion's pipeline over another describer of text."""
    part = Pipeline([("features", text), ("classifier", LogisticRegression())])
    fusion = LateFusionClassifier([("text", part, "text")], cv=2)
    return Pipeline([("fusion", fusion)])


@pytest.fixture(scope="module")
def reloaded(made, build, tmp_path_factory):
    """Return what the saved models predict, and those loaded in another process."""
    folder = tmp_path_factory.mktemp("models")
    X, y = made
    rng = np.random.RandomState(0)
    X = X.assign(
        vector=[rng.normal(size=4) for _ in range(40)],
        size=np.arange(40.0),
        tone=np.array(["red", "blue"])[np.arange(40) % 2],
    )
    models = {name: build(**settings) for name, settings in PIPELINES.items()}
    models["boosting by name"].set_params(fusion__audio__classifier__max_iter=3)
    words = Word2VecVectorizer(vector_size=10, min_count=1, random_state=0)
    chinese = TfidfVectorizer(tokenizer=chinese_tokenizer, token_pattern=None)
    models["words"] = words_of_their_own(words)
    models["chinese"] = words_of_their_own(chinese)
    expected = {}
    for name, model in models.items():
        numeric = name in ("ridge", "svr")
        model.fit(X, np.arange(40.0) if numeric else y)
        decide = getattr(model, "predict_proba", model.predict)
        expected[name] = model.predict(X), decide(X)
        save(model, folder / f"{name}.skops")
    (folder / "X.pkl").write_bytes(pickle.dumps(X))
    command = [sys.executable, "-c", READ, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return expected, pickle.loads((folder / "outputs.pkl").read_bytes())


@pytest.mark.parametrize("name", [*PIPELINES, "words", "chinese"])
def test_a_pipeline_predicts_equally_in_a_fresh_process(reloaded, name):
    expected, outputs = reloaded
    for mine, loaded in zip(expected[name], outputs[name], strict=True):
        np.testing.assert_array_equal(loaded, mine)
