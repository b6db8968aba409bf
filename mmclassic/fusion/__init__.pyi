from ._block_scaler import BlockScaler
from ._early import EarlyFusion
from ._kernel_classifier import KernelFusionClassifier
from ._late_classifier import LateFusionClassifier
from ._late_regressor import LateFusionRegressor

__all__ = [
    "BlockScaler",
    "EarlyFusion",
    "KernelFusionClassifier",
    "LateFusionClassifier",
    "LateFusionRegressor",
]
