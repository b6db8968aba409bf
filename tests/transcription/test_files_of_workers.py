"""Teaching leaves no file behind, whatever the workers are."""

import tempfile
from multiprocessing import get_all_start_methods

import pytest
from joblib import parallel_config
from joblib.externals.loky import get_reusable_executor

from mmclassic.transcription import SpeechTranscriber

pytest.importorskip("pocketsphinx")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder of temporary files, of this process and of workers begun here."""
    get_reusable_executor().shutdown(wait=True)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    get_reusable_executor().shutdown(wait=True)


@pytest.mark.parametrize("backend", ["loky", "multiprocessing", "threading"])
def test_workers_leave_no_files_and_learn_the_same(prompts, temporary, backend):
    if backend == "multiprocessing" and "fork" not in get_all_start_methods():
        pytest.skip("workers of multiprocessing are forks")
    short = prompts[prompts["seconds"].between(1, 2)][:8]
    alone = SpeechTranscriber().fit(short["audio"], short["text"])
    with parallel_config(backend=backend):
        taught = SpeechTranscriber(n_jobs=2).fit(short["audio"], short["text"])
    assert list(temporary.glob("mmclassic-*")) == []
    assert taught.n_aligned_ == alone.n_aligned_ == 8
    assert (taught.means_ == alone.means_).all()
