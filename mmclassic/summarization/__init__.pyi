from ._evaluation import keyshot_f_score, rank_correlation
from ._summarizer import VideoSummarizer
from ._summary import VideoSummary

__all__ = [
    "VideoSummarizer",
    "VideoSummary",
    "keyshot_f_score",
    "rank_correlation",
]
