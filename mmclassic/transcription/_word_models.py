"""Sequences of frames to left-right hidden Markov models of Gaussians, and to scores.

All states of a model follow each other; a sequence begins in the first and ends in the
last. Training and scores take the best path (Viterbi) in place of the sum over paths.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["WordModel", "path_scores", "train_word"]

PRIOR_FRAMES = 10.0  # that the variance of all frames counts for, in each state's
FLOOR = 0.05  # least variance, of that of all frames
STAY = (0.1, 0.99)  # least and most probability of staying in a state
IMPOSSIBLE = -1e30
TOGETHER = 16_384  # frames taken at once, counting those that pad shorter sequences

Frames = NDArray[Any]


@dataclass(frozen=True)
class WordModel:
    """The states of one word.

    Parameters
    ----------
    means, variances : ndarray of shape (n_states, n_features)
    stay : ndarray of shape (n_states,)
        Probability that the next frame is in the same state.
    """

    means: NDArray[np.float64]
    variances: NDArray[np.float64]
    stay: NDArray[np.float64]


def train_word(sequences: Sequence[Frames], n_states: int, n_iter: int) -> WordModel:
    """Return the model whose states, in turn, explain the sequences.

    Parameters
    ----------
    sequences : sequence of ndarray of shape (n_frames, n_features)
    n_states : int
    n_iter : int
        How often states are estimated; the first time, from equal parts.

    Returns
    -------
    WordModel

    References
    ----------
    Rabiner, L. (1989). A tutorial on hidden Markov models and selected applications in
    speech recognition. Proceedings of the IEEE, 77(2), 257-286.
    https://doi.org/10.1109/5.18626
    """
    frames = np.concatenate(sequences).astype(np.float64)
    lengths = np.array([len(sequence) for sequence in sequences])
    spread = frames.var(axis=0) + 1e-6
    equal = [np.arange(n) * n_states // n for n in lengths]
    model = _estimate(frames, np.concatenate(equal), len(lengths), n_states, spread)
    for _ in range(n_iter - 1):
        states = [np.empty(0, dtype=np.int64)] * len(lengths)
        for rows, batch, own in _batches(sequences):
            for row, path in zip(rows, _best_states(batch, own, model), strict=True):
                states[row] = path
        model = _estimate(
            frames, np.concatenate(states), len(lengths), n_states, spread
        )
    return model


def path_scores(
    sequences: Sequence[Frames], models: Sequence[WordModel]
) -> NDArray[np.float64]:
    """Return the log-likelihood a frame of each sequence's best path in each model.

    Parameters
    ----------
    sequences : sequence of ndarray of shape (n_frames, n_features)
        Of at least one frame.
    models : sequence of WordModel

    Returns
    -------
    ndarray of shape (n_sequences, n_models)
    """
    result = np.empty((len(sequences), len(models)))
    for rows, frames, lengths in _batches(sequences):
        for k, model in enumerate(models):
            emissions = _emissions(frames, lengths, model)
            scores = _start(emissions)
            for t in range(1, emissions.shape[1]):
                best, _ = _step(scores, model)
                on = (t < lengths)[:, np.newaxis]
                scores = np.where(on, best + emissions[:, t], scores)
            # A clip of fewer frames than states ends where it can.
            last = np.minimum(lengths, len(model.stay)) - 1
            result[rows, k] = scores[np.arange(len(lengths)), last] / lengths
    return result


def _batches(
    sequences: Sequence[Frames],
) -> Iterator[tuple[list[int], Frames, NDArray[np.int64]]]:
    """Yield the positions, frames and lengths of sequences of like length."""
    lengths = np.array([len(sequence) for sequence in sequences])
    batch: list[int] = []
    for row in np.argsort(lengths, kind="stable").tolist():
        if batch and (len(batch) + 1) * lengths[row] > TOGETHER:
            yield batch, _joined(sequences, batch), lengths[batch]
            batch = []
        batch.append(row)
    yield batch, _joined(sequences, batch), lengths[batch]


def _joined(sequences: Sequence[Frames], rows: list[int]) -> Frames:
    return np.concatenate([sequences[row] for row in rows]).astype(np.float64)


def _estimate(
    frames: Frames,
    states: NDArray[np.int64],
    n_sequences: int,
    n_states: int,
    spread: NDArray[np.float64],
) -> WordModel:
    count = np.bincount(states, minlength=n_states).astype(np.float64)
    weight = np.maximum(count, 1e-3)[:, np.newaxis]
    sums = np.stack([np.bincount(states, x, n_states) for x in frames.T], axis=1)
    squares = np.stack([np.bincount(states, x**2, n_states) for x in frames.T], axis=1)
    # A state without a frame, where all clips are shorter than the states are many.
    means = np.where(count[:, None] > 0, sums / weight, frames.mean(axis=0))
    own = np.maximum(squares / weight - means**2, 0)
    variances = (own * weight + PRIOR_FRAMES * spread) / (weight + PRIOR_FRAMES)
    return WordModel(
        means,
        np.maximum(variances, FLOOR * spread),
        np.clip(1 - n_sequences / weight[:, 0], *STAY),
    )


def _emissions(
    frames: Frames, lengths: NDArray[np.int64], model: WordModel
) -> NDArray[np.float64]:
    """Return log-densities padded by 0, (n_sequences, n_frames, n_states)."""
    precisions = 1 / model.variances
    logs = -0.5 * (
        frames**2 @ precisions.T
        - 2 * frames @ (model.means * precisions).T
        + (model.means**2 * precisions - np.log(precisions)).sum(axis=1)
    )
    padded = np.zeros((len(lengths), lengths.max(), len(model.stay)))
    padded[np.arange(lengths.max()) < lengths[:, np.newaxis]] = logs
    return padded


def _start(emissions: NDArray[np.float64]) -> NDArray[np.float64]:
    scores = np.full(emissions[:, 0].shape, IMPOSSIBLE)
    scores[:, 0] = emissions[:, 0, 0]
    return scores


def _step(
    scores: NDArray[np.float64], model: WordModel
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the best scores one frame later, and whether these came a state on."""
    stay = scores + np.log(model.stay)
    move = np.full_like(scores, IMPOSSIBLE)
    move[:, 1:] = (scores + np.log(1 - model.stay))[:, :-1]
    return np.maximum(stay, move), move > stay


def _best_states(
    frames: Frames, lengths: NDArray[np.int64], model: WordModel
) -> list[NDArray[np.int64]]:
    """Return the states of each sequence's best path."""
    emissions = _emissions(frames, lengths, model)
    n_sequences, n_frames, n_states = emissions.shape
    scores = _start(emissions)
    moved = np.zeros(emissions.shape, dtype=bool)
    for t in range(1, n_frames):
        best, moved[:, t] = _step(scores, model)
        scores = np.where((t < lengths)[:, None], best + emissions[:, t], scores)
    states = np.zeros((n_sequences, n_frames), dtype=np.int64)
    rows = np.arange(n_sequences)
    state = np.minimum(lengths, n_states) - 1
    for t in range(n_frames - 1, -1, -1):
        states[:, t] = state
        state = np.where(t < lengths, state - moved[rows, t, state], state)
    return [path[:n] for path, n in zip(states, lengths, strict=True)]
