"""A video to its summary, written as films and pages."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mmclassic._execution import listening
from mmclassic.cli._bars import item_bar
from mmclassic.cli._options import check_output
from mmclassic.media import open_video
from mmclassic.persistence import load
from mmclassic.summarization import VideoSummarizer
from mmclassic.summarization._seconds import whole_seconds
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
    video = open_video(file)
    with _bar("Watching", whole_seconds(video.duration)):
        summary = summarizer.summarize(video, subtitles)
    kept, whole = int(summary.chosen.sum()), len(summary.chosen)
    for target in targets:
        is_page = target.suffix.lower() in PAGES
        n_items = kept if is_page else whole_seconds(summary.seconds)
        with _bar(f"Writing {target.suffix}", n_items):
            summary.write(target, title=file.name)
    return (
        f"Kept {summary.seconds:.1f} of {summary.video.duration:.1f} s, {kept} of "
        f"{whole} segments. Wrote {', '.join(map(str, targets))}"
    )


@contextmanager
def _bar(description: str, n_items: int) -> Iterator[None]:
    """Show how many seconds, or pictures of a page, are done inside."""
    with item_bar(description, n_items) as advance, listening(advance):
        yield
