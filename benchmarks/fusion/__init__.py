"""Every fusion beside the best modality alone, learned weights beside equal ones."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.common import Context, NoDataError, Row
from benchmarks.fusion.comparison import best_fusion, compare, to_rows
from benchmarks.fusion.models import names
from benchmarks.fusion.scenes import official_split, training_folds
from benchmarks.fusion.tables import made_folds, stamps_folds
from benchmarks.made_data import make_picture_files

DEFAULTS = "the light features and the classifiers of make_multimodal_pipeline"


def measure_stamps(context: Context) -> list[Row]:
    """Return every fusion of the stamps' text and image, then with speech too.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    folds, data, real = stamps_folds(context)
    few = compare(fold.only("text", "image") for fold in folds)
    every = compare(folds)
    about = f"{data}; {DEFAULTS.replace('light ', '')}"
    rows = to_rows("stamps, no speech", f"{about}: text, image", few, real=real)
    reached = best_fusion(rows, "stamps, no speech: best", floor=73.0)
    more = to_rows(
        "stamps", f"{about}: text, image, audio", every, without=few, real=real
    )
    # A weak modality must not lower the best fusion.
    floor = max(73.0, reached.ours)
    return [*rows, reached, *more, best_fusion(more, "stamps: best", floor=floor)]


def measure_scenes(context: Context) -> list[Row]:
    """Return every fusion of four descriptions of scenes.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
        On folds of the training rows, then on the official split.
    """
    with TemporaryDirectory() as folder:
        try:
            table = context.table("scene15/items.csv")
            table, real = context.sample(table, ["label", "split"], 4), True
        except NoDataError:
            table, real = make_picture_files(Path(folder), 48), False
        folds = compare(training_folds(table, context, folder))
        split = compare(official_split(table, context, folder))
    about = "Fisher vectors of DenseSIFT, HOG, census patterns, mean and deviation"
    title = "Scene-15" if real else "made pictures"
    of_train = f"{title}, folds of the rows to train on; {about}"
    of_test = f"{title}, 100 a class train, the others tested; {about}"
    return [
        *to_rows("scenes", of_train, folds, real=real),
        *to_rows("scenes, official", of_test, split, real=real),
    ]


def measure_made(context: Context) -> list[Row]:
    """Return every fusion of rows whose modalities only together tell the class.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of Row
    """
    right = compare(made_folds(context))
    protocol = f"make_multimodal, 600 rows, 5 folds; {DEFAULTS}"
    floors = dict.fromkeys(names(), 95.0)
    return to_rows("made", protocol, right, floors=floors, real=False)


# Printed under the table.
NOTE = (
    "Differences are paired, over folds or, of one split, over rows: their mean and "
    "standard\nerror. 'to equal': to the same fusion with equal weights. Whatever is "
    "learned is learned in\nthe fold; inner folds part no look-alikes."
)
FIGURES: dict[str, Callable[[Context], list[Row]]] = {
    "stamps": measure_stamps,
    "scenes": measure_scenes,
    "made": measure_made,
}
