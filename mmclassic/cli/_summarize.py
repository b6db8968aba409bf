"""A video to its summary, written as films and pages."""

from collections.abc import Sequence
from pathlib import Path

from mmclassic.cli._options import check_output
from mmclassic.persistence import load
from mmclassic.summarization import VideoSummarizer
from mmclassic.summarization._summary import FILMS, PAGES

__all__ = ["summarize_file"]


def summarize_file(
    file: Path,
    outputs: Sequence[Path],
    *,
    seconds: float | None,
    subtitles: Path | None,
    model: Path | None,
    trusted: tuple[str, ...],
) -> str:
    """Write a summary of a video, and return what to say of it.

    Parameters
    ----------
    file : Path
        The video.
    outputs : sequence of Path
        Films or pages, by their suffixes.
    seconds : float or None
        Length; None for the summarizer's own.
    subtitles, model : Path or None
        An srt file, and a saved `VideoSummarizer`.
    trusted : tuple of str
        Types that the model file may use.

    Returns
    -------
    str
    """
    targets = [check_output(output) for output in outputs]
    for target in targets:  # before the work
        if target.suffix.lower() not in PAGES + FILMS:
            raise ValueError(
                f"{str(target)!r} must end in .html to be a page, or in one of "
                f"{', '.join(FILMS)} to be a film."
            )
        if target == file.absolute():
            raise ValueError(
                f"{str(target)!r} is the video itself. Name another output."
            )
    summarizer = VideoSummarizer() if model is None else load(model, trusted=trusted)
    if not isinstance(summarizer, VideoSummarizer):
        held = type(summarizer).__name__
        raise TypeError(f"{str(model)!r} holds a {held}, not a VideoSummarizer.")
    if seconds is not None:
        summarizer.set_params(seconds=seconds)
    summary = summarizer.summarize(file, subtitles)
    for target in targets:
        summary.write(target, title=file.name)
    kept, whole = int(summary.chosen.sum()), len(summary.chosen)
    return (
        f"Kept {summary.seconds:.1f} of {summary.video.duration:.1f} s, {kept} of "
        f"{whole} segments. Wrote {', '.join(map(str, targets))}"
    )
