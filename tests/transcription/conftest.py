"""Real prompts, and a transcriber that learned nothing of them."""

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def prompts(data_folder):
    """The table of spoken prompts with their transcripts, paths absolute."""
    folder = data_folder / "prompts"
    table = pd.read_csv(folder / "items.csv")
    return table.assign(audio=lambda t: f"{folder}/" + t["audio"])


@pytest.fixture(scope="session")
def plain():
    """A transcriber as it comes."""
    pytest.importorskip("pocketsphinx")
    from mmclassic.transcription import SpeechTranscriber

    return SpeechTranscriber().fit(None)
