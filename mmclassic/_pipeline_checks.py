"""Checks of what make_multimodal_pipeline is given: settings and names of parts."""

from typing import Any

__all__ = ["check_names", "check_settings"]

MISSING = ("zero", "mean", "indicator", "nan", "error")


def check_settings(missing: str, features: str, invalid: str) -> None:
    """Raise a ValueError unless each is one that make_multimodal_pipeline knows."""
    for name, value, allowed in (
        ("missing", missing, MISSING),
        ("features", features, ("full", "light")),
        ("invalid", invalid, ("error", "missing")),
    ):
        if value not in allowed:
            raise ValueError(
                f"The {name!r} parameter of make_multimodal_pipeline must be among "
                f"{', '.join(map(repr, allowed))}. Got {value!r} instead."
            )


def check_names(names: list[Any], fusion: Any) -> None:
    """Raise a ValueError unless parts of a fusion may have such names.

    Parameters
    ----------
    names : list of object
    fusion : fusion estimator
    """
    if not names:
        raise ValueError(
            "make_multimodal_pipeline needs a column of at least one modality: text=, "
            "image=, audio=, video=, vectors= or tabular=."
        )
    remedy = "Name the parts otherwise: text={'name': column}."
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"Two parts are named {twice[0]!r}. {remedy}")
    taken = fusion.get_params(deep=False)
    for name in names:
        if not isinstance(name, str) or not name or "__" in name:
            raise ValueError(
                f"A part can't be named {name!r}: a name is a str without '__'. "
                f"{remedy}"
            )
        if name in taken:
            raise ValueError(
                f"A part can't be named {name!r}, which is a parameter of "
                f"{type(fusion).__name__}. {remedy}"
            )
