"""A person's own table: read as it is, tried with every model that fits it, scored, and sampled."""

from genrates.own.anomaly import AnomalyDetector
from genrates.own.model_folder import LearnedTable
from genrates.own.transformed import TransformedDensity

__all__ = ["AnomalyDetector", "LearnedTable", "TransformedDensity"]
