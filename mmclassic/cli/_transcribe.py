"""Sound files to their transcripts: text, subtitles or words with times."""

import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from mmclassic._files import written_whole
from mmclassic.cli._bars import item_bar
from mmclassic.cli._options import check_output
from mmclassic.exceptions import InvalidItemWarning, MediaError
from mmclassic.media import audio_blocks
from mmclassic.persistence import load
from mmclassic.transcription import SpeechTranscriber
from mmclassic.transcription._decoder import Word
from mmclassic.transcription._knowledge import Knowledge
from mmclassic.transcription._tasks import Transcribe

__all__ = ["transcribe_files"]

FORMATS = (".txt", ".srt", ".json")
PAUSE, LONGEST = 0.8, 5.0  # seconds: what ends a subtitle
# What errors say of a cell of a table, and what they are to say of a file.
REMEDIES = {
    "Use None for a missing cell": "Leave the file out",
    "drop the row": "leave it out",
}

Heard = list[Word] | None  # None of an invalid file


def transcribe_files(
    files: Sequence[Path],
    outputs: Sequence[Path],
    *,
    domain: Path | None,
    model: Path | None,
    invalid: str,
    trusted: tuple[str, ...],
) -> None:
    """Transcribe files, and write or print what is said in them.

    Parameters
    ----------
    files : sequence of Path
    outputs : sequence of Path
        Their endings name the formats. Without one, text is printed while the files are
        read, a line each.
    domain : Path or None
        Text file of the domain, a sentence a line.
    model : Path or None
        Saved `SpeechTranscriber`.
    invalid : {"error", "missing"}
        Whether a file that can't be read stops, or is warned of and left empty.
    trusted : tuple of str
        Types that the model file may use.
    """
    others = [path for path in (domain, model) if path is not None]
    targets = [_check_output(output, files, others) for output in outputs]
    transcriber = _transcriber(domain, model, trusted)
    readable = list(_check_files(files, invalid))  # before hours of work
    transcribe = Transcribe(Knowledge.of(transcriber))
    is_shown = not targets and _is_terminal()
    found: list[tuple[str, Heard]] = []
    for path, is_readable in zip(files, readable, strict=True):
        show = (lambda text: click.echo(text, nl=False)) if is_shown else None
        words = _hear(transcribe, path, invalid, show) if is_readable else None
        found.append((str(path), words))
        if not targets:
            click.echo("" if is_shown else _text(words))
    if not targets:
        return
    for target in targets:
        with written_whole(target) as whole:
            text = _FORMATTERS[target.suffix.lower()](found)
            whole.write_text(text, encoding="utf-8")
    n_words = sum(len(words or ()) for _, words in found)
    files_read = f"{len(files)} file{'s' * (len(files) > 1)}"
    click.echo(
        f"Wrote {n_words} words of {files_read} to {', '.join(map(str, targets))}"
    )


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _check_output(output: Path, files: Sequence[Path], others: Sequence[Path]) -> Path:
    """Return the absolute path; raise if no transcript of the files can be there."""
    output = check_output(output)
    suffix = output.suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(
            f"{str(output)!r} must end in .txt, .srt or .json to be a transcript."
        )
    if suffix == ".srt" and len(files) > 1:
        raise ValueError("Subtitles (.srt) are of one file. Transcribe one at a time.")
    if output in [path.absolute() for path in (*files, *others)]:
        raise ValueError(f"{str(output)!r} is a file to read. Name another output.")
    return output


def _transcriber(
    domain: Path | None, model: Path | None, trusted: tuple[str, ...]
) -> SpeechTranscriber:
    if model is None:
        lines = None if domain is None else _lines(domain)
        return SpeechTranscriber(lines).fit(None)
    if domain is not None:
        raise ValueError("--domain teaches a new model. Give it or --model.")
    loaded = load(model, trusted=trusted)
    if not isinstance(loaded, SpeechTranscriber):
        held = type(loaded).__name__
        raise TypeError(f"{str(model)!r} holds a {held}, not a SpeechTranscriber.")
    return loaded


def _lines(domain: Path) -> list[str]:
    try:
        return domain.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{str(domain)!r} holds no text in UTF-8. Give a plain text file, a "
            "sentence a line."
        ) from error


def _check_files(files: Sequence[Path], invalid: str) -> Iterator[bool]:
    """Yield whether each file begins as sound; raise or warn where it doesn't."""
    for path in files:
        try:
            next(audio_blocks(str(path), seconds=1.0))
        except MediaError as error:
            _refuse(error, invalid)
            yield False
        else:
            yield True


def _refuse(error: MediaError, invalid: str) -> None:
    error = _of_a_file(error)
    if invalid == "error":
        raise error
    warnings.warn(str(error), InvalidItemWarning, stacklevel=2)


def _of_a_file(error: MediaError) -> MediaError:
    """Return an error whose remedy is one for a file, not for a cell of a table."""
    reason = error.reason
    for of_a_cell, of_a_file in REMEDIES.items():
        reason = reason.replace(of_a_cell, of_a_file)
    return MediaError(reason, error.subject)


def _hear(
    transcribe: Transcribe,
    path: Path,
    invalid: str,
    show: Callable[[str], None] | None,
) -> Heard:
    """Return the words of a file, shown as they come, or None if it is damaged."""
    words: list[Word] = []
    try:
        with _bar(path, show is None) as reached:
            for end, piece in transcribe.pieces(str(path)):
                words += piece
                if show is not None and piece:
                    show(_text(piece) + " ")
                reached(end)
    except MediaError as error:
        _refuse(error, invalid)
        return None
    return words


@contextmanager
def _bar(path: Path, is_shown: bool) -> Iterator[Callable[[float], None]]:
    """Show how many seconds of a file are done, on a terminal without its text."""
    if not (is_shown and sys.stderr.isatty()):
        yield lambda end: None
        return
    seconds = sum(len(block) for block in audio_blocks(str(path), sample_rate=100))
    with item_bar(f"{path.name}, seconds", -(-seconds // 100)) as advance:
        done = 0

        def reached(end: float) -> None:
            nonlocal done
            advance(round(end) - done)
            done = round(end)

        yield reached


def _text(words: Heard) -> str:
    return " ".join(word.text for word in words or ())


def _as_text(found: Sequence[tuple[str, Heard]]) -> str:
    return "".join(_text(words) + "\n" for _, words in found)


def _as_json(found: Sequence[tuple[str, Heard]]) -> str:
    content = {
        name: None if words is None else [_rounded(word) for word in words]
        for name, words in found
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _rounded(word: Word) -> dict[str, str | float]:
    return {
        "text": word.text,
        "start": round(word.start, 2),
        "end": round(word.end, 2),
        "confidence": round(word.confidence, 4),
    }


def _as_subtitles(found: Sequence[tuple[str, Heard]]) -> str:
    groups: list[list[Word]] = []
    for word in found[0][1] or ():
        last = groups[-1] if groups else []
        fits = last and word.start - last[-1].end <= PAUSE
        if not fits or word.end - last[0].start > LONGEST:
            groups.append([])
        groups[-1].append(word)
    return "\n".join(
        f"{i}\n{_time(group[0].start)} --> {_time(group[-1].end)}\n{_text(group)}\n"
        for i, group in enumerate(groups, 1)
    )


def _time(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    whole, rest = divmod(milliseconds, 1000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{whole:02},{rest:03}"


_FORMATTERS = {".txt": _as_text, ".srt": _as_subtitles, ".json": _as_json}
