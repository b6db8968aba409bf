"""What mattered in one row: a modality's share, and each piece's in the modality."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmclassic.inspection._draw import draw_clip, draw_picture, draw_words
from mmclassic.inspection._html import explanation_html
from mmclassic.inspection._pieces import Clip, Picture
from mmclassic.inspection._visual_words import WordEffects

__all__ = ["PartExplanation", "RowExplanation"]


@dataclass(frozen=True, slots=True, eq=False)
class PartExplanation:
    """What mattered inside one modality of a row.

    Attributes
    ----------
    name : str
        The modality.
    kind : {"text", "image", "audio", "values"}
    pieces : list
        Words, as (start, stop) in the text; windows of the picture, as (top, left,
        bottom, right) in pixels; moments of the clip, as (start, stop) in seconds; or
        names of columns.
    labels : list of str
        The same, to be read.
    effects : ndarray of shape (n_pieces,)
        The model's answer less its answer without the piece; of words, where `terms`
        are known, the piece's share of these.
    terms : dict of str to float, or None
        Where the model is linear in the modality's features: weight times value of
        each feature that isn't 0, exact terms of the linear model's score.
    words : WordEffects or None
        Of a picture that an encoder describes by words: what each of the most
        frequent ones effects, and where it is.
    content : object
        The text, the picture or the clip that was looked at.
    """

    name: str
    kind: str
    pieces: list[Any] = field(repr=False)
    labels: list[str] = field(repr=False)
    effects: NDArray[np.float64] = field(repr=False)
    terms: dict[str, float] | None = field(repr=False)
    words: WordEffects | None = field(repr=False)
    content: Any = field(repr=False)

    def heat(self) -> NDArray[np.float64]:
        """Return the mean effect of the pieces that hold each pixel, or each sample.

        Returns
        -------
        ndarray of shape (height, width) or (n_samples,)

        Raises
        ------
        ValueError
            If the modality is neither a picture nor sound.
        """
        if not isinstance(self.content, Picture | Clip):
            raise ValueError(
                f"{self.name!r} is no picture and no sound. Its pieces are in labels, "
                "and what they effect is in effects."
            )
        sums: NDArray[np.float64]
        if isinstance(self.content, Picture):
            sums = np.zeros(self.content.pixels.shape[:2])
        else:
            sums = np.zeros(len(self.content.samples))
        weights = np.zeros_like(sums)
        for window, effect in zip(self.content.windows(), self.effects, strict=True):
            sums += effect * window
            weights += window
        return sums / np.maximum(weights, 1e-9)

    def draw(self) -> NDArray[np.uint8]:
        """Draw what mattered: red speaks for the target, blue against it.

        Returns
        -------
        ndarray of shape (height, width, 3), uint8
            The picture, or the clip's waveform, in RGB.

        Raises
        ------
        ValueError
            If the modality is neither a picture nor sound.
        """
        heat = self.heat()
        if isinstance(self.content, Picture):
            return draw_picture(self.content.pixels, heat)
        return draw_clip(self.content.samples, heat)

    def draw_words(self, n_words: int = 8) -> NDArray[np.uint8]:
        """Draw where the visual words are that mattered most, red for and blue against.

        Parameters
        ----------
        n_words : int, default=8
            How many to draw.

        Returns
        -------
        ndarray of shape (height, width, 3), uint8

        Raises
        ------
        ValueError
            If the modality has no visual words.
        """
        if self.words is None:
            raise ValueError(
                f"{self.name!r} has no visual words: they are those of BagOfWords, "
                "VLAD or FisherVector in a picture."
            )
        most = np.argsort(-np.abs(self.words.effects), kind="stable")[:n_words]
        return draw_words(
            self.content.pixels,
            [self.words.positions[i] for i in most],
            self.words.effects[most],
        )


@dataclass(frozen=True, slots=True, eq=False)
class RowExplanation:
    """What mattered in one row; shows itself in a notebook.

    Attributes
    ----------
    row : int
        Position in X.
    target : object
        The class explained; None of a regressor.
    output : {"log_odds", "probability", "decision", "value"}
        The unit of all that follows.
    answer : float
        With all that the row has.
    baseline : float
        With nothing.
    contributions : dict of str to float
        What each modality brings: with the baseline they sum to the answer.
    parts : dict of str to PartExplanation
        Of the modalities that the row has.
    """

    row: int
    target: Any
    output: str
    answer: float
    baseline: float
    contributions: dict[str, float]
    parts: dict[str, PartExplanation]

    def _repr_html_(self) -> str:
        return explanation_html(self)
