from ._contributions import modality_contributions
from ._display import ModalityImportanceDisplay
from ._explain import explain_row
from ._importance import modality_importance
from ._report import make_report

__all__ = [
    "ModalityImportanceDisplay",
    "explain_row",
    "make_report",
    "modality_contributions",
    "modality_importance",
]
