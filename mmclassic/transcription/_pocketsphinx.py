"""Where pocketsphinx is, and where its English model is."""

from typing import Any

__all__ = ["DICTIONARY", "HMM", "LANGUAGE_MODEL", "import_pocketsphinx", "model_path"]

HMM = "en-us/en-us"
DICTIONARY = "en-us/cmudict-en-us.dict"
LANGUAGE_MODEL = "en-us/en-us.lm.bin"


def import_pocketsphinx() -> Any:
    """Return the package.

    Raises
    ------
    ImportError
        If it isn't installed, with the line that installs it.
    """
    try:
        import pocketsphinx
    except ImportError as error:
        raise ImportError(
            "SpeechTranscriber needs the package pocketsphinx. Install it: "
            'pip install "mmclassic[speech]"'
        ) from error
    return pocketsphinx


def model_path(name: str) -> str:
    """Return the path of a part of the English model that comes with the package."""
    return str(import_pocketsphinx().get_model_path(name))
