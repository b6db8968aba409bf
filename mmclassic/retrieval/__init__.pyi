from ._ranking_scores import ranking_scores
from ._retriever import CrossModalRetriever

__all__ = ["CrossModalRetriever", "ranking_scores"]
