from ._matcher import CrossModalMatcher
from ._ranking_scores import ranking_scores
from ._retriever import CrossModalRetriever

__all__ = ["CrossModalMatcher", "CrossModalRetriever", "ranking_scores"]
