"""What MLflow is to say of one cell."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Run:
    """The run of one cell, before it is written; `metrics` are (key, value, step)."""

    cell: str
    name: str
    content_hash: str
    params: dict[str, str]
    tags: dict[str, str]
    metrics: list[tuple[str, float, int]]
    artifacts: list[Path] = field(default_factory=list)
