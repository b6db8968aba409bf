"""The fusion of a pipeline: its name, or one that was given, to a new estimator."""

from typing import Any

from sklearn.base import clone, is_regressor

from mmclassic.fusion import (
    EarlyFusion,
    KernelFusionClassifier,
    LateFusionClassifier,
    LateFusionRegressor,
)

__all__ = ["make_fusion"]


def make_fusion(fusion: Any, classifier: Any, missing: str, random_state: Any) -> Any:
    """Return a new fusion without parts.

    Parameters
    ----------
    fusion : {"early", "late", "kernel"} or fusion estimator
    classifier : {"svm", "gradient_boosting"} or estimator
    missing : str
        Of early fusion.
    random_state : int, RandomState instance or None

    Returns
    -------
    fusion estimator

    Raises
    ------
    ValueError
        If the fusion is none, or doesn't go with the classifier.
    """
    if not isinstance(fusion, str):
        if not hasattr(fusion, "parts") or fusion.parts:
            raise ValueError(
                "The 'fusion' parameter of make_multimodal_pipeline must be 'early', "
                "'late', 'kernel', or a fusion estimator with parts=[], which are "
                "filled in. "
                f"Got {fusion!r} instead."
            )
        return _completed(fusion, classifier, random_state)
    if fusion == "early":
        if classifier == "svm" and missing == "nan":
            raise ValueError(
                "The SVM takes no NaN, so missing='nan' needs "
                "classifier='gradient_boosting' or another that does."
            )
        return EarlyFusion(
            [], weights="alignment", missing=missing, random_state=random_state
        )
    if fusion == "kernel":
        # The default features learn without labels, so inner folds may share them.
        return _completed(
            KernelFusionClassifier([], refit_features=False), classifier, random_state
        )
    if fusion != "late":
        raise ValueError(
            "The 'fusion' parameter of make_multimodal_pipeline must be 'early', "
            f"'late', 'kernel' or a fusion estimator. Got {fusion!r} instead."
        )
    # The default features learn without labels, so inner folds may share them. Parts
    # are fitted in turn, and items described at once: liblinear's random numbers come
    # from one source for all threads, so parts fitted at once would not repeat.
    if not isinstance(classifier, str) and is_regressor(classifier):
        return LateFusionRegressor([], refit_features=False)
    return LateFusionClassifier([], refit_features=False)


def _completed(fusion: Any, classifier: Any, random_state: Any) -> Any:
    """Return a copy of the fusion, with the random state if it leaves it open."""
    regression = not isinstance(classifier, str) and is_regressor(classifier)
    if not isinstance(fusion, EarlyFusion) and is_regressor(fusion) != regression:
        kind = "regressor" if is_regressor(fusion) else "classifier"
        raise ValueError(
            f"{type(fusion).__name__} needs a {kind}. Got classifier={classifier!r} "
            "instead."
        )
    if isinstance(fusion, KernelFusionClassifier) and classifier != "svm":
        raise ValueError(
            "KernelFusionClassifier is a support vector machine itself, so classifier "
            f"must be 'svm'. Got {classifier!r} instead."
        )
    fusion = clone(fusion)
    if fusion.get_params(deep=False).get("random_state", 0) is None:
        fusion.set_params(random_state=random_state)
    return fusion
