"""make_multimodal_pipeline: columns of a table to a scikit-learn Pipeline."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from sklearn.base import clone, is_classifier, is_regressor
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from sklearn.utils import get_tags

from mmclassic._execution import Cache, as_cache
from mmclassic._pipeline_checks import check_names, check_settings
from mmclassic._pipeline_fusion import make_fusion
from mmclassic._pipeline_parts import Settings, is_read, part_of
from mmclassic._wide_linear_svc import WideLinearSVC
from mmclassic.fusion import KernelFusionClassifier

__all__ = ["make_multimodal_pipeline"]

Columns = Any  # a column, a list of columns, or {name: column}


def make_multimodal_pipeline(
    *,
    text: Columns = None,
    image: Columns = None,
    audio: Columns = None,
    video: Columns = None,
    vectors: Columns = None,
    tabular: Columns = None,
    fusion: Any = "late",
    classifier: Any = "svm",
    missing: str = "mean",
    features: Literal["full", "light"] = "full",
    invalid: Literal["error", "missing"] = "error",
    cache: Cache = None,
    n_jobs: int | None = None,
    random_state: Any = None,
) -> Pipeline:
    """Build a scikit-learn Pipeline from the columns of a table to a prediction.

    Parameters
    ----------
    text, image, audio, video, vectors : column, list of columns or dict, default=None
        Columns of X, by name or position. A column's part is named after its
        modality; each of several columns has a part of its own, named after the
        column, or as the dict ``{name: column}`` says. A cell of `vectors` holds an
        array of shape (n_features,). A video counts by its frames; its track is sound,
        which ``audio`` reads of the same column. A column that is to be read as text
        comes with what reads it: ``text={"words": (SpeechTranscriber(), "clip")}``.
    tabular : list of columns, column or dict of them, default=None
        Columns of numbers and categories, which are one part together.
    fusion : {"early", "late", "kernel"} or fusion estimator, default="late"
        "early": an `EarlyFusion` with ``weights="alignment"``, learned from y, and one
        classifier. "late": one classifier a part and a `LateFusionClassifier` (or
        -`Regressor`). "kernel": one kernel a part and a `KernelFusionClassifier`, an
        SVM. An estimator of these classes, or another fusion such as
        :class:`mmclassic.retrieval.CrossModalMatcher`, with ``parts=[]`` gets the
        parts, and `random_state` where its own is None; `missing` and `n_jobs` are its
        own.
    classifier : {"svm", "gradient_boosting"} or estimator, default="svm"
        Of the fused block, or of each part. A regressor makes a regression.
        For one that takes no sparse input, as boosting, wide blocks are reduced to
        100 features by TruncatedSVD.
    missing : {"mean", "zero", "indicator", "nan", "error"}, default="mean"
        What stands for a modality that a row lacks, as in `EarlyFusion`. Late fusion
        decides by what the row has, and takes no notice.
    features : {"full", "light"}, default="full"
        "light" describes pictures on a quarter of the points and by Fisher vectors a
        quarter as long: several times faster, at one to two points in a hundred.
    invalid : {"error", "missing"}, default="error"
        Whether a picture or sound that can't be read stops with its row named, or
        counts as missing, with one warning that names the rows.
    cache : str, path-like, `FeatureCache` or None, default=None
        Folder that keeps what is computed of each picture and sound, for every fold,
        model and process; see `mmclassic.cache.FeatureCache`.
    n_jobs : int or None, default=None
        Items described at once, as joblib's. Parts are fitted in turn.
    random_state : int, RandomState instance or None, default=None
        An int makes repeated fits equal.

    Returns
    -------
    Pipeline
        With the step ``fusion``, and with early fusion the step ``classifier``.

    Raises
    ------
    ValueError
        If no column is given, a part's name is taken or no name for a parameter, a
        setting is unknown, or the classifier and the fusion don't go together.

    See Also
    --------
    mmclassic.evaluation.compare_modalities : Scores of each modality and the fusions.

    Notes
    -----
    A grid search reaches every parameter by a path. With early fusion:

    ===========================================  ==================================
    ``classifier__C``                            the SVM
    ``fusion__weights``                          "alignment", or None for equal ones
    ``fusion__missing``                          what stands for a missing modality
    ``fusion__text__words__ngram_range``         `TfidfVectorizer` of words
    ``fusion__text__pieces__ngram_range``        `TfidfVectorizer` of their pieces
    ``fusion__image__local__encoder__...``       `FisherVector`: ``n_components``, ...
    ``fusion__image__local__encoder__descriptor__step``  `DenseSIFT`
    ``fusion__image__shape__descriptor__size``   `HOG`
    ``fusion__image__color__descriptor__n_bins`` `ColorHistogram`
    ``fusion__audio__encoder__statistics``       `StatisticsPooling`
    ``fusion__audio__encoder__descriptor__n_mfcc``  `MFCC`
    ``fusion__video__encoder__descriptor__every``  `FramePooling`
    ``fusion__words__reader__...``               what reads the text of a part "words"
    ``fusion__tabular__numbers__imputer__strategy``  `SimpleImputer`
    ===========================================  ==================================

    ``fusion__weights__<part>`` is there once the weights are None or a dict.

    With late fusion each part is a Pipeline of ``features`` and ``classifier``:
    ``fusion__text__features__words__ngram_range``, ``fusion__text__classifier__C``,
    ``fusion__method``, ``fusion__weights``, and ``fusion__weights__<part>`` once
    that is None or a dict. Where blocks are reduced, the parts of text and image are
    Pipelines of ``features`` and ``reduction``:
    ``fusion__text__features__words__ngram_range`` with early fusion,
    ``fusion__text__features__features__words__ngram_range`` and
    ``fusion__text__features__reduction__n_components`` with late.

    A kernel fusion's paths are those of early fusion, ``fusion__C``,
    ``fusion__kernels`` and ``fusion__weights``. With it and with late fusion,
    look-alikes are kept on one side of the inner folds by
    ``fit(X, y, fusion__groups=groups)``.

    To see how far a fit is, ``model.set_callbacks(ProgressBar())`` with
    :class:`sklearn.callback.ProgressBar` shows the parts, and
    ``ProgressBar(max_propagation_depth=None)`` the descriptors and encoders in them
    too, item by item; set on a search over the pipeline, it shows every candidate and
    fold. What supports no callbacks, such as most classifiers, is one step without a
    warning inside a fusion.

    Examples
    --------
    >>> from mmclassic import make_multimodal_pipeline
    >>> from mmclassic.datasets import make_multimodal
    >>> X, y = make_multimodal(80, random_state=0, return_X_y=True)
    >>> model = make_multimodal_pipeline(
    ...     text="text", audio="audio", fusion="late", random_state=0
    ... )
    >>> model.fit(X[:60], y[:60]).predict(X[60:]).shape
    (20,)
    >>> model.set_params(fusion__text__classifier__C=1.0).named_steps["fusion"].cv
    5
    """
    check_settings(missing, features, invalid)
    as_cache(cache, "make_multimodal_pipeline")
    dense = _wants_dense(classifier)
    light = features == "light"
    settings = Settings(invalid, n_jobs, random_state, dense, light, cache)
    columns = {
        "text": text,
        "image": image,
        "audio": audio,
        "video": video,
        "vectors": vectors,
        "tabular": tabular,
    }
    parts = [
        (name, modality, *part_of(modality, column, settings))
        for modality, given in columns.items()
        for name, column in _named_columns(modality, given)
    ]
    joined = make_fusion(fusion, classifier, missing, random_state)
    check_names([name for name, *_ in parts], joined)
    if not is_classifier(joined) and not is_regressor(joined):
        joined.set_params(
            parts=[(name, part, column) for name, _, part, column in parts]
        )
        final = _classifier(classifier, None, random_state)
        return Pipeline([("fusion", joined), ("classifier", final)])
    if isinstance(joined, KernelFusionClassifier):
        joined.set_params(
            parts=[(name, part, column) for name, _, part, column in parts]
        )
        return Pipeline([("fusion", joined)])
    joined.set_params(
        parts=[
            (name, _with_classifier(part, classifier, modality, random_state), column)
            for name, modality, part, column in parts
        ]
    )
    return Pipeline([("fusion", joined)])


def _named_columns(modality: str, given: Columns) -> Iterator[tuple[str, Any]]:
    if given is None:
        return
    if isinstance(given, Mapping):
        for name, column in given.items():
            yield name, _as_list(column) if modality == "tabular" else column
    elif modality == "tabular":
        yield modality, _as_list(given)
    elif isinstance(given, list | tuple) and not is_read(given):
        for column in given:
            yield column if isinstance(column, str) else f"{modality}{column}", column
    else:
        yield modality, given


def _as_list(columns: Any) -> list[Any]:
    return list(columns) if isinstance(columns, list | tuple) else [columns]


def _wants_dense(classifier: Any) -> bool:
    if isinstance(classifier, str):
        return classifier == "gradient_boosting"
    return not get_tags(classifier).input_tags.sparse


def _with_classifier(
    part: Any, classifier: Any, modality: str, random_state: Any
) -> Pipeline:
    final = _classifier(classifier, modality, random_state)
    return Pipeline([("features", part), ("classifier", final)])


def _classifier(classifier: Any, modality: str | None, random_state: Any) -> Any:
    """Return a new classifier for a modality's features, or for the fused block."""
    if not isinstance(classifier, str):
        return clone(classifier)
    if classifier == "gradient_boosting":
        return HistGradientBoostingClassifier(random_state=random_state)
    if classifier != "svm":
        raise ValueError(
            "The 'classifier' parameter of make_multimodal_pipeline must be 'svm', "
            f"'gradient_boosting' or an estimator. Got {classifier!r} instead."
        )
    # High-dimensional blocks are linearly separable; the few statistics of a sound,
    # and tables, are not.
    if modality in ("audio", "video", "vectors", "tabular"):
        return SVC(C=10.0)
    return WideLinearSVC(
        C=0.3 if modality == "text" else 1.0, random_state=random_state
    )
