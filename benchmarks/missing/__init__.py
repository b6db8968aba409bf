"""Every fusion where cells were removed from the rows that it is to decide."""

from collections.abc import Callable

from benchmarks.common import Context, Row
from benchmarks.fusion.tables import made_folds, stamps_folds
from benchmarks.missing.curves import curves, to_rows

ABOUT = "training rows complete; cells of test rows removed at random, a share of all"


def measure_stamps(context: Context) -> list[Row]:
    """Return what is left of every fusion of the stamps, without speech and with it.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    folds, data, real = stamps_folds(context)
    few = curves([fold.only("text", "image") for fold in folds], context)
    every = curves(folds, context)
    about = f"{data}; {ABOUT}"
    return [
        *to_rows("stamps, no speech", f"{about}: text, image", few, real=real),
        *to_rows("stamps", f"{about}: text, image, audio", every, real=real),
    ]


def measure_made(context: Context) -> list[Row]:
    """Return what is left of every fusion of rows that only all modalities decide.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    left = curves(made_folds(context), context)
    protocol = f"make_multimodal, 600 rows, 5 folds; {ABOUT}"
    return to_rows("made", protocol, left, real=False)


# Printed under the table.
NOTE = (
    "Asked of every fusion: what the best modality alone reaches of the same rows, "
    "where a row\nthat lacks it is of the commonest class. Spreads are over folds, of "
    "the mean of several\nrandom removals."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "stamps": measure_stamps,
    "made": measure_made,
}
