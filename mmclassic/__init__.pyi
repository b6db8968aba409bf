from . import (
    audio,
    cache,
    datasets,
    encoding,
    evaluation,
    exceptions,
    extraction,
    fusion,
    image,
    inspection,
    media,
    persistence,
    retrieval,
    text,
    video,
)
from ._pipeline import make_multimodal_pipeline

__all__ = [
    "audio",
    "cache",
    "datasets",
    "encoding",
    "evaluation",
    "exceptions",
    "extraction",
    "fusion",
    "image",
    "inspection",
    "make_multimodal_pipeline",
    "media",
    "persistence",
    "retrieval",
    "text",
    "video",
]
__version__: str
