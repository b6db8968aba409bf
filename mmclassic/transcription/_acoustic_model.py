"""Files of a Sphinx acoustic model of phonetically tied mixtures to arrays, and back.

Each phone has 128 Gaussians in each of three streams: the cepstra, their slopes and
their curvatures. The senones, which are the states of phones in their contexts, share
the Gaussians of their phone and differ in the weights of these.
"""

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["AcousticModel", "read_model", "write_gaussians", "write_weights"]

LOG_BASE = 1.0001
WEIGHT_UNIT = 1024  # a weight w is kept as round(-log(w) / WEIGHT_UNIT) in that base
BYTE_ORDER = 0x11223344
VARIANCE_FLOOR = 1e-4  # the decoder's default


@dataclass(frozen=True)
class AcousticModel:
    """The densities of a model.

    Parameters
    ----------
    phones : tuple of str
        A phone's position is that of its Gaussians.
    means, variances : ndarray of shape (n_phones, n_streams, n_gaussians, n_cepstra)
    weights : ndarray of shape (n_streams, n_gaussians, n_senones), uint8
        Logarithms, as kept in the file.
    weights_header : bytes
        What stands before the weights.
    """

    phones: tuple[str, ...]
    means: NDArray[np.float32]
    variances: NDArray[np.float32]
    weights: NDArray[np.uint8]
    weights_header: bytes


@cache
def read_model(folder: str) -> AcousticModel:
    """Read the model in a folder.

    Parameters
    ----------
    folder : str

    Returns
    -------
    AcousticModel

    Raises
    ------
    ValueError
        If its files are not of such a model.
    """
    files = Path(folder)
    means = _read_gaussians(files / "means")
    variances = np.maximum(_read_gaussians(files / "variances"), VARIANCE_FLOOR)
    phones, n_senones = _read_phones(files / "mdef")
    data = (files / "sendump").read_bytes()
    n_bytes = means.shape[1] * means.shape[2] * n_senones
    weights = np.frombuffer(data[len(data) - n_bytes :], np.uint8)
    shape = means.shape[1], means.shape[2], n_senones
    return AcousticModel(
        phones,
        means,
        variances,
        weights.reshape(shape),
        data[: len(data) - n_bytes],
    )


def write_gaussians(path: Path, values: NDArray[np.float32]) -> None:
    """Write means or variances as the decoder reads them.

    Parameters
    ----------
    path : Path
    values : ndarray of shape (n_phones, n_streams, n_gaussians, n_cepstra)
    """
    n_phones, n_streams, n_gaussians, length = values.shape
    sizes = (n_phones, n_streams, n_gaussians, *[length] * n_streams, values.size)
    header = struct.pack(f"<{1 + len(sizes)}I", BYTE_ORDER, *sizes)
    path.write_bytes(
        b"s3\nversion 1.0\nendhdr\n" + header + values.astype("<f4").tobytes()
    )


def write_weights(path: Path, model: AcousticModel, weights: NDArray[np.uint8]) -> None:
    """Write the senones' weights as the decoder reads them.

    Parameters
    ----------
    path : Path
    model : AcousticModel
        Whose header they get.
    weights : ndarray of shape (n_streams, n_gaussians, n_senones), uint8
    """
    path.write_bytes(model.weights_header + weights.tobytes())


def log_weights(weights: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return natural logarithms of weights, which sum to 1 over the Gaussians.

    Parameters
    ----------
    weights : ndarray of shape (n_streams, n_gaussians, n_senones), uint8

    Returns
    -------
    ndarray of the same shape, float64
    """
    logs = weights * (-WEIGHT_UNIT * np.log(LOG_BASE))
    return logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))


def as_stored(weights: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return weights as the file keeps them; the inverse of ``exp(log_weights(...))``.

    Parameters
    ----------
    weights : ndarray of shape (n_streams, n_gaussians, n_senones)

    Returns
    -------
    ndarray of the same shape, uint8
    """
    smallest = LOG_BASE ** (-WEIGHT_UNIT * 255)
    logs = np.log(np.maximum(weights, smallest))
    return np.rint(logs / (-WEIGHT_UNIT * np.log(LOG_BASE))).astype(np.uint8)


def _read_gaussians(path: Path) -> NDArray[np.float32]:
    data = path.read_bytes()
    at = data.find(b"endhdr\n") + 7
    order, n_phones, n_streams, n_gaussians, *_ = struct.unpack_from("<4I", data, at)
    if not data.startswith(b"s3\n") or order != BYTE_ORDER or n_streams != 3:
        raise ValueError(f"{path} holds no tied mixtures of three streams.")
    lengths = struct.unpack_from(f"<{n_streams}I", data, at + 16)
    at += 16 + 4 * n_streams + 4
    shape = n_phones, n_streams, n_gaussians, lengths[0]
    values = np.frombuffer(data, "<f4", int(np.prod(shape)), at)
    return values.reshape(shape).astype(np.float32)


def _read_phones(path: Path) -> tuple[tuple[str, ...], int]:
    """Return the names of the phones, and the number of senones, of a binary mdef."""
    data = path.read_bytes()
    if not data.startswith(b"BMDF"):
        raise ValueError(f"{path} is no binary model definition.")
    (n_text,) = struct.unpack_from("<I", data, 8)
    at = 12 + n_text
    n_phones, _, _, _, n_senones = struct.unpack_from("<5i", data, at)
    names = data[at + 40 :].split(b"\0", n_phones)[:n_phones]
    return tuple(name.decode("ascii") for name in names), n_senones
