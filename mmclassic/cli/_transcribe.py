"""Sound files to their transcripts: text, subtitles or words with times."""

import json
from collections.abc import Sequence
from pathlib import Path

from mmclassic.transcription import SpeechTranscriber
from mmclassic.transcription._decoder import Word

__all__ = ["transcribe_files"]

FORMATS = (".txt", ".srt", ".json")
PAUSE, LONGEST = 0.8, 5.0  # seconds: what ends a subtitle


def transcribe_files(
    files: Sequence[Path], domain: Path | None, output: Path | None
) -> str:
    """Transcribe files, write them if asked to, and return what to print.

    Parameters
    ----------
    files : sequence of Path
    domain : Path or None
        Text file of the domain, a sentence a line.
    output : Path or None
        Absolute; its ending names the format.

    Returns
    -------
    str
    """
    if output is not None and output.suffix not in FORMATS:
        raise ValueError(
            f"{str(output)!r} must end in .txt, .srt or .json to be a transcript."
        )
    if output is not None and output.suffix == ".srt" and len(files) > 1:
        raise ValueError("Subtitles (.srt) are of one file. Transcribe one at a time.")
    lines = None if domain is None else domain.read_text(encoding="utf-8").splitlines()
    transcriber = SpeechTranscriber(lines).fit(None)
    found = {str(path): transcriber.transcribe(str(path)) for path in files}
    if output is None:
        return _as_text(found)
    if output.suffix == ".json":
        content = json.dumps(
            {name: [vars(word) for word in words] for name, words in found.items()},
            indent=1,
        )
    elif output.suffix == ".srt":
        content = _as_subtitles(next(iter(found.values())))
    else:
        content = _as_text(found) + "\n"
    output.write_text(content, encoding="utf-8")
    n_words = sum(len(words) for words in found.values())
    return f"Wrote {n_words} words of {len(files)} files to {output}"


def _as_text(found: dict[str, list[Word]]) -> str:
    return "\n".join(" ".join(word.text for word in words) for words in found.values())


def _as_subtitles(words: Sequence[Word]) -> str:
    groups: list[list[Word]] = []
    for word in words:
        last = groups[-1] if groups else []
        fits = last and word.start - last[-1].end <= PAUSE
        if not fits or word.end - last[0].start > LONGEST:
            groups.append([])
        groups[-1].append(word)
    return "\n".join(
        f"{i}\n{_time(group[0].start)} --> {_time(group[-1].end)}\n"
        f"{' '.join(word.text for word in group)}\n"
        for i, group in enumerate(groups, 1)
    )


def _time(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    whole, rest = divmod(milliseconds, 1000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{whole:02},{rest:03}"
