"""What a reader is told of a metric."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """How to show one metric: ``unit`` is "%", "quote", "ratio", "trades", "bars", "days", "entries" or "yes/no"; ``decimals`` for
    screens."""

    metric: str
    label: str
    unit: str
    decimals: int
    definition: str
