from ._contributions import modality_contributions
from ._display import ModalityImportanceDisplay
from ._importance import modality_importance

__all__ = [
    "ModalityImportanceDisplay",
    "modality_contributions",
    "modality_importance",
]
