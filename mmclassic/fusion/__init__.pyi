from ._block_scaler import BlockScaler
from ._early import EarlyFusion
from ._late_classifier import LateFusionClassifier

__all__ = ["BlockScaler", "EarlyFusion", "LateFusionClassifier"]
