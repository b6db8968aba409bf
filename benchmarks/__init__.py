"""The figures that mmclassic is held to, measured: ``python -m benchmarks --help``."""
