"""One measured row, its bar, and how both are printed and kept."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Row:
    """`name value unit ratio bar`: the ratio is against a peer measured in the same run, None where there is none."""

    name: str
    value: float
    unit: str
    bar: str
    is_met: bool
    ratio: float | None = None

    def line(self) -> str:
        """Return the row as text."""
        ratio = f"{self.ratio:.2f}x" if self.ratio is not None else "-"
        return f"{self.name:<58} {self.value:>10.4g} {self.unit:<8} {ratio:>7}  {self.bar:<22} {self.verdict}"

    @property
    def verdict(self) -> str:
        """`ok`, or what one must not overlook."""
        return "ok" if self.is_met else "MISSED"


def at_most(name: str, value: float, unit: str, limit: float, *, ratio: float | None = None) -> Row:
    """Return a row whose bar is an upper limit on the ratio, or on the value where there is no ratio."""
    measured = value if ratio is None else ratio
    return Row(name, value, unit, f"<= {limit:g} {'' if ratio is None else 'x'}".strip(), measured <= limit, ratio)


def at_least(name: str, value: float, unit: str, limit: float) -> Row:
    """Return a row whose bar is a lower limit on the value."""
    return Row(name, value, unit, f">= {limit:g}", value >= limit)


def faster_than(name: str, value: float, unit: str, limit: float, ratio: float) -> Row:
    """Return a row whose bar is a lower limit on the ratio."""
    return Row(name, value, unit, f">= {limit:g} x", ratio >= limit, ratio)


def save(subject: str, rows: list[Row]) -> None:
    """Write the rows as JSON."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{subject}.json").write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


def interleaved(rounds: int, *variants: Callable[[], float]) -> list[float]:
    """Return each variant's median over `rounds`, taken in turns so that a slow phase of the machine hits all."""
    samples: list[list[float]] = [[] for _ in variants]
    for _ in range(rounds):
        for number, variant in enumerate(variants):
            samples[number].append(variant())
    return [statistics.median(values) for values in samples]


def timed(action: Callable[[], object]) -> float:
    """Return the milliseconds that `action` takes."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000
