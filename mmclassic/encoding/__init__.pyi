from ._bag_of_words import BagOfWords
from ._fisher_vector import FisherVector
from ._local_features import LocalFeatures
from ._statistics_pooling import StatisticsPooling
from ._vlad import VLAD

__all__ = [
    "VLAD",
    "BagOfWords",
    "FisherVector",
    "LocalFeatures",
    "StatisticsPooling",
]
