from ._block_scaler import BlockScaler
from ._early import EarlyFusion

__all__ = ["BlockScaler", "EarlyFusion"]
