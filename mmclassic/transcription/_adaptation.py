"""Frames with their senones to Gaussians and weights of the voice and room at hand."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmclassic.transcription._acoustic_model import (
    AcousticModel,
    as_stored,
    log_weights,
)

__all__ = ["Aligned", "adapt"]

NOT_SPEECH = ("SIL", "+NSN+", "+SPN+")
RIDGE = 100.0  # frames' worth of belief that the voice is as the model's


@dataclass(frozen=True)
class Aligned:
    """The frames of a clip, each with the state that it was aligned to.

    Parameters
    ----------
    cepstra : ndarray of shape (n_frames, n_cepstra), float32
        As the decoder computes them, before their mean is taken off.
    phones : ndarray of shape (n_frames,), int16
        Positions in the model's phones; -1 where the frame is not to be used.
    senones : ndarray of shape (n_frames,), int16
    """

    cepstra: NDArray[np.float32]
    phones: NDArray[np.int16]
    senones: NDArray[np.int16]


@dataclass
class _Counts:
    """Expected frames of each Gaussian, and sums of their features.

    Parameters
    ----------
    frames : ndarray of shape (n_phones, n_streams, n_gaussians)
    sums : ndarray of shape (n_phones, n_streams, n_gaussians, n_cepstra)
    of_senones : ndarray of shape (n_streams, n_gaussians, n_senones)
    """

    frames: NDArray[np.float64]
    sums: NDArray[np.float64]
    of_senones: NDArray[np.float64]


def adapt(
    model: AcousticModel,
    clips: Iterable[Aligned],
    *,
    mean_frames: float,
    weight_frames: float,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return means and weights between the model and what suits the clips.

    First one affine map of all means of a stream (maximum likelihood linear
    regression); then each mean, and each senone's weights, move towards what the clips
    hold as far as there is of it (maximum a posteriori).

    Parameters
    ----------
    model : AcousticModel
    clips : iterable of Aligned
    mean_frames, weight_frames : float
        How many frames the prior counts for, of a mean and of a senone's weights.

    Returns
    -------
    means : ndarray of shape (n_phones, n_streams, n_gaussians, n_cepstra), float32
    weights : ndarray of shape (n_streams, n_gaussians, n_senones), uint8
        Unchanged where a senone has no frame.

    References
    ----------
    Leggetter, C. & Woodland, P. (1995). Maximum likelihood linear regression for
    speaker adaptation of continuous density hidden Markov models. Computer Speech &
    Language, 9(2), 171-185. https://doi.org/10.1006/csla.1995.0010

    Gauvain, J.-L. & Lee, C.-H. (1994). Maximum a posteriori estimation for
    multivariate Gaussian mixture observations of Markov chains. IEEE Transactions on
    Speech and Audio Processing, 2(2), 291-298. https://doi.org/10.1109/89.279278
    """
    clips = list(clips)
    streams = [_streams(clip.cepstra) for clip in clips]
    features = np.concatenate([np.empty((0, *model.means.shape[1::2])), *streams])
    none = np.empty(0, np.int16)
    phones = np.concatenate([none, *(clip.phones for clip in clips)])
    senones = np.concatenate([none, *(clip.senones for clip in clips)])
    logs = log_weights(model.weights)
    means = model.means.astype(np.float64)
    counts = _count(model, means, logs, features, phones, senones)
    means = _moved(model, means, counts)
    counts = _count(model, means, logs, features, phones, senones)
    means = (mean_frames * means + counts.sums) / (
        mean_frames + counts.frames[..., np.newaxis]
    )
    n_frames = counts.of_senones.sum(axis=1, keepdims=True)
    weights = (weight_frames * np.exp(logs) + counts.of_senones) / (
        weight_frames + n_frames
    )
    stored = np.where(n_frames > 0, as_stored(weights), model.weights)
    return means.astype(np.float32), stored


def _streams(cepstra: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return cepstra, slopes and curvatures, (n_frames, 3, n_cepstra)."""
    frames = cepstra.astype(np.float64)
    loud = frames[:, 0] >= 0  # as the decoder's mean leaves out frames without energy
    frames -= frames[loud if loud.any() else slice(None)].mean(axis=0)
    padded = np.pad(frames, ((3, 3), (0, 0)), mode="edge")

    def later(n: int) -> NDArray[np.float64]:
        return padded[3 + n : 3 + n + len(frames)]

    slopes = later(2) - later(-2)
    curvatures = (later(3) - later(-1)) - (later(1) - later(-3))
    return np.stack([frames, slopes, curvatures], axis=1)


def _count(
    model: AcousticModel,
    means: NDArray[np.float64],
    logs: NDArray[np.float64],
    features: NDArray[np.float64],
    phones: NDArray[np.int16],
    senones: NDArray[np.int16],
) -> _Counts:
    counts = _Counts(
        np.zeros(means.shape[:3]), np.zeros(means.shape), np.zeros(logs.shape)
    )
    for phone in np.unique(phones[phones >= 0]):
        rows = np.flatnonzero(phones == phone)
        for stream in range(means.shape[1]):
            x, of = features[rows, stream], senones[rows]
            shares = _posteriors(
                x,
                means[phone, stream],
                model.variances[phone, stream].astype(np.float64),
                logs[stream][:, of].T,
            )
            counts.frames[phone, stream] = shares.sum(axis=0)
            counts.sums[phone, stream] = shares.T @ x
            np.add.at(counts.of_senones[stream].T, of, shares)
    return counts


def _posteriors(
    x: NDArray[np.float64],
    means: NDArray[np.float64],
    variances: NDArray[np.float64],
    logs: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return each frame's share in each Gaussian, (n_frames, n_gaussians)."""
    precisions = 1 / variances
    # (x - m)^2 / v, expanded so that it is two products of matrices.
    distances = (
        x**2 @ precisions.T
        - 2 * x @ (means * precisions).T
        + (means**2 * precisions).sum(axis=1)
    )
    scores = logs - (distances - np.log(precisions).sum(axis=1)) / 2
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def _moved(
    model: AcousticModel, means: NDArray[np.float64], counts: _Counts
) -> NDArray[np.float64]:
    """Return the means of speech after the affine map that suits the counts best."""
    moved = means.copy()
    speech = [i for i, name in enumerate(model.phones) if name not in NOT_SPEECH]
    length = means.shape[-1]
    for stream in range(means.shape[1]):
        old = means[speech, stream].reshape(-1, length)
        extended = np.column_stack([np.ones(len(old)), old])
        frames = counts.frames[speech, stream].reshape(-1, 1)
        sums = counts.sums[speech, stream].reshape(-1, length)
        precisions = 1 / model.variances[speech, stream].reshape(-1, length)
        scale = np.diag((extended**2).mean(axis=0))
        for i in range(length):
            # Eq. 27 of Leggetter & Woodland (1995), with a prior at the identity.
            ridge = RIDGE * precisions[:, i].mean() * scale
            weighted = extended * (frames * precisions[:, i : i + 1])
            identity = np.eye(length + 1)[i + 1]
            row = np.linalg.solve(
                weighted.T @ extended + ridge,
                extended.T @ (sums[:, i] * precisions[:, i]) + ridge @ identity,
            )
            moved[speech, stream, :, i] = (extended @ row).reshape(len(speech), -1)
    return moved
