"""KernelFusionClassifier: one kernel a modality, and one machine on their sum."""

from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if

from mmclassic._execution import fit_task, single_threaded
from mmclassic.fusion._blocks import check_transformer
from mmclassic.fusion._fusion import Column, Fusion
from mmclassic.fusion._kernel_cross_fitted import judged_weights
from mmclassic.fusion._kernel_held_out import codes_of, fit_scales
from mmclassic.fusion._kernel_machine import LEARNED, KernelMachine
from mmclassic.fusion._kernel_parts import (
    Described,
    describe_parts,
    n_describing_tasks,
    score,
)
from mmclassic.fusion._kernel_sums import combine, margins
from mmclassic.fusion._outputs import OutputsMixin, per_output
from mmclassic.fusion._pools import softmax
from mmclassic.fusion._row_kernel import KERNELS, PartScorer, check_kernels
from mmclassic.fusion._targets import Targets

__all__ = ["KernelFusionClassifier"]


class KernelFusionClassifier(OutputsMixin, Fusion):
    """Fuse modalities by a weighted sum of kernels, for support vector machines.

    Each part describes its column, a kernel says how alike two rows are by it, and
    kernels are added with weights learned from the classes (multiple kernel learning).

    Parameters
    ----------
    parts : list of (name, transformer, column)
        As in :class:`EarlyFusion`. Parts need no scaling as a whole.
    kernels : str, callable or dict of them, default="auto"
        "linear" of rows brought to unit length (the cosine), or exp(-d / mean d) of a
        distance d: "rbf" the squared Euclidean, "laplacian" the city-block, "chi2" the
        chi-squared one of histograms. "auto" is linear for a block that is sparse or
        has over three times as many features as rows, else rbf, of features that the
        part has scaled. A callable takes two blocks. Of a dict ``{name: kernel}`` a
        part not named is "auto".
    weights : {"alignment", "easymkl", "uniform"}, dict, array-like or None, \
            default="alignment"
        "alignment": those of the sum most like the classes' own kernel. "easymkl": by
        how far a kernel parts each class from the others. "uniform" or None: all equal.
        Of parts that learn from y, fitted anew for 5 inner folds, both take rows held
        out. Of a dict, each is a parameter too, ``weights__<name>``, 1 if not named.
    C : float, default=3.0
        Of the support vector machines.
    cv : int, splitter, iterable or None, default=5
        Inner folds, on which probabilities are calibrated; None for no
        ``predict_proba``. An int gives stratified folds that split no group.
    refit_features : bool, default=True
        Whether inner folds fit the parts anew. False takes their description by what
        was fitted on all training rows, but of parts that learn from y.
    n_jobs : int or None, default=None
        Parts at a time, as joblib's.

    Attributes
    ----------
    parts_ : list of (name, fitted transformer, column)
        "drop" for one left out.
    classes_ : ndarray of shape (n_classes,)
    class_prior_ : ndarray of shape (n_classes,)
        Each class's share of the training rows, what a row with no modality gets.
    weights_ : ndarray of shape (n_modalities,), which sum to 1
    scorers_ : dict of str to PartScorer
        What each part adds to the scores of the classes.
    intercept_ : ndarray of shape (n_sets, n_classes), or (n_sets, 1) of two classes
        Of the machines of all modalities first, then of those of fewer.
    scale_ : float, unless ``cv=None``
        Probabilities are the softmax of this times the scores and the root of the share
        of the weights that a row has.
    modality_counts_ : dict of str to int
        How many training rows have each modality.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where all are strings.

    See Also
    --------
    EarlyFusion : One block of all modalities, for any classifier.

    Notes
    -----
    For each set of modalities that a row may have there are machines on their kernels'
    sum, in which a training row that lacks some has their mean instead, and is scaled
    by the share of the weights that it has. Of more than four modalities there are
    machines of all, of all but one and of each; a row with others is decided by those
    of all, its scores scaled likewise. An item given as NaN throughout is missing.

    A y of shape (n_samples, n_outputs), of labels or of several classes each, has
    machines an output on one sum, its weights those of all outputs together. Then
    ``classes_``, ``class_prior_`` and ``scale_`` are lists of one an output.

    Fitting holds two matrices a modality, and three more, of the training rows' pairs:
    8 bytes * n_samples^2 * (2 * n_modalities + 3), 1.8 GB for 5000 rows of three. A
    fitted linear kernel is a vector a class and set; any other keeps its training rows.

    References
    ----------
    Cortes, Mohri & Rostamizadeh, "Algorithms for learning kernels based on centered
    alignment" (2012), JMLR 13.
    Aiolli & Donini, "EasyMKL: a scalable multiple kernel learning algorithm" (2015),
    doi:10.1016/j.neucom.2014.11.078.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.preprocessing import StandardScaler
    >>> from mmclassic.fusion import KernelFusionClassifier
    >>> X = pd.DataFrame({"title": ["red cup", "blue cup", None, "red hat", "hat"] * 2,
    ...                   "height": [2.0, 3.0, 2.5, 9.0, 8.0] * 2})
    >>> y = ["cup", "cup", "cup", "hat", "hat"] * 2
    >>> fusion = KernelFusionClassifier([("title", TfidfVectorizer(), "title"),
    ...                                  ("size", StandardScaler(), ["height"])],
    ...                                 cv=2).fit(X, y)
    >>> print(*fusion.predict(pd.DataFrame({"title": ["cup", None],
    ...                                     "height": [None, 9.0]})))
    cup hat
    """

    _parameter_constraints = {
        "parts": [list],
        "kernels": [StrOptions({"auto", *KERNELS}), callable, dict],
        "weights": [StrOptions({*LEARNED, "uniform"}), dict, "array-like", None],
        "C": [Interval(Real, 0, None, closed="neither")],
        "cv": ["cv_object"],
        "refit_features": ["boolean"],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        parts: list[tuple[str, Any, Column]],
        *,
        kernels: Any = "auto",
        weights: Any = "alignment",
        C: float = 3.0,
        cv: Any = 5,
        refit_features: bool = True,
        n_jobs: int | None = None,
    ) -> None:
        self.parts = parts
        self.kernels = kernels
        self.weights = weights
        self.C = C
        self.cv = cv
        self.refit_features = refit_features
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: Any, *, sample_weight: Any = None, groups: Any = None
    ) -> "KernelFusionClassifier":
        """Fit each part on the rows that have it, the weights, and the machines.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
            For the weights, the machines and the probabilities.
        groups : array-like of shape (n_samples,), default=None
            Rows of a group, look-alikes, are never on both sides of an inner fold, and
            no pair of them is evidence for weights by "alignment".

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If y has one class, no row has some modality, or the rows can't be split.
        """
        self._check_parts(partial(check_transformer, self))
        check_kernels(self.kernels, [name for name, _ in self._named_parts])
        table, present = self._read_fit(X)
        targets = Targets.read(
            self, table, y, sample_weight, groups, classifier=True, of_parts=False
        )
        outputs, costs = self._keep_outputs(targets)
        named = isinstance(self.weights, str)
        learned = named and self.weights != "uniform"
        given = self.weights if learned else self._given_weights(not named)
        n_tasks = n_describing_tasks(self) + 2  # the machines, and inner folds
        with fit_task(self, n_tasks, X, y) as task:
            described = describe_parts(self, table, present, targets.y, task)
            with task.subtask("fuse"), single_threaded():
                codes = np.column_stack([output.codes for output in outputs])
                of_rows = codes, costs, codes_of(targets.groups)
                given = judged_weights(self, described, given, targets, *of_rows)
                self._fit_machine(described, given, *of_rows)
            if self.cv is not None:
                known = described, targets, outputs, costs, given
                scales = fit_scales(self, *known, task)
                self.scale_ = per_output(scales, self._several)
        return self

    def _fit_machine(
        self, described: dict[str, Described], given: Any, *of_rows: Any
    ) -> None:
        """Learn the weights and the machines, and what each part adds to scores."""
        parts = list(described.values())
        machine = KernelMachine(given, self.C).fit(
            [one.raw for one in parts],
            [one.kernel for one in parts],
            np.column_stack([one.rows for one in parts]),
            *of_rows,
        )
        blocks = [one.block for one in parts]
        known = machine.kernels, blocks, machine.duals, machine.constants
        self.parts_ = self._fitted_parts({n: one.part for n, one in described.items()})
        scorers = [PartScorer(*each) for each in zip(*known, strict=True)]
        self.scorers_ = dict(zip(described, scorers, strict=True))
        self.weights_, self._sets = machine.weights, machine.sets
        self.intercept_ = machine.intercept

    def _scores(self, X: Any) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
        """Return each output's scores, and the share of weights that rows have."""
        table, positions, present = self._read(X)
        fitted = {name: part for name, part, _ in self.parts_}
        known = {name: (fitted[name], scorer) for name, scorer in self.scorers_.items()}
        results = self._calls(
            score, table, positions, present, lambda name, rows: known[name]
        )
        for (_, lacking), rows in zip(results, present.T, strict=True):
            rows[np.flatnonzero(rows)[lacking]] = False
        parts = [scores for scores, _ in results]
        sums = self.weights_, self._sets, self.intercept_
        return combine(parts, present, *sums, self._per_output(self.class_prior_))

    def decision_function(self, X: Any) -> Any:
        """Return the scores of the classes, each against all others.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or (n_samples,) of two classes
            For a row with no modality the logarithms of the priors, or of their ratio.
            Of several outputs a list, or (n_samples, n_outputs) if all have two.

        Raises
        ------
        ValueError
            If a column of fit isn't in X, or a part gives NaN.
        """
        each = margins(*self._scores(X))
        if self._several and all(own.ndim == 1 for own in each):
            return np.column_stack(each)
        return per_output(each, self._several)

    @available_if(lambda self: self.cv is not None)
    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class, unless ``cv=None``.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or list of them, one an output
            The class priors for a row with no modality.
        """
        scores, shares = self._scores(X)
        sizes = np.sqrt(shares)[:, None]
        known = self._per_output(self.scale_), self._per_output(self.class_prior_)
        each = [
            np.where(sizes == 0, prior, softmax(scale * sizes * own))
            for own, scale, prior in zip(scores, *known, strict=True)
        ]
        return per_output(each, self._several)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of the highest score of each row, of each output.

        Parameters
        ----------
        X : DataFrame, 2-D array or list of rows, of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
        """
        return self._decided(per_output(self._scores(X)[0], self._several))
