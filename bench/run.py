"""One row of the benchmark: product and baseline, measured in the same run, and the target.

Every row module has `measure(world) -> list[Row]`; `bench.__main__` knows them all.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Series:
    """A series of measured values."""

    name: str
    """Its name: `the shell`, `plain JavaScript`."""
    values: Sequence[float]
    """In the row's unit; at least one."""

    @property
    def median(self) -> float:
        """The median."""
        return statistics.median(self.values)

    @property
    def p99(self) -> float:
        """The 99th percentile (nearest rank); with fewer than 100 values the largest."""
        ordered = sorted(self.values)
        return ordered[-(-len(ordered) * 99 // 100) - 1]

    @property
    def text(self) -> str:
        """Return `12.3 [10.1-20.5]`."""
        return f"{_short(self.median)} [{_short(min(self.values))}-{_short(max(self.values))}]"

    def as_json(self) -> dict[str, Any]:
        """Return figures and raw values."""
        figures = {"median": self.median, "min": min(self.values), "max": max(self.values), "p99": self.p99}
        rounded = {name: round(value, 3) for name, value in figures.items()}
        return {"name": self.name, **rounded, "count": len(self.values), "values": [round(v, 3) for v in self.values]}


@dataclass(frozen=True)
class Target:
    """The target of a row."""

    text: str
    """`<= 1.8 x`: its text in the table."""
    figure: Callable[["Row"], float]
    limit: float
    is_floor: bool = False
    """The figure must be at least the limit, not at most."""

    def is_met(self, row: "Row") -> bool:
        """Tell whether a row reaches it."""
        figure = self.figure(row)
        return figure >= self.limit if self.is_floor else figure <= self.limit


@dataclass(frozen=True)
class Row:
    """One comparison."""

    name: str
    product: Series
    baseline: Series | None = None
    target: Target | None = None
    unit: str = "ms"

    @property
    def ratio(self) -> float | None:
        """The product's median divided by the baseline's; None without a baseline."""
        if self.baseline is None or self.baseline.median <= 0:
            return None
        return self.product.median / self.baseline.median

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or an empty text without a target."""
        if self.target is None:
            return ""
        return "ok" if self.target.is_met(self) else "MISSED"

    def as_json(self) -> dict[str, Any]:
        """Return the row for `latest.json`."""
        return {
            "name": self.name,
            "unit": self.unit,
            "product": self.product.as_json(),
            "baseline": self.baseline.as_json() if self.baseline else None,
            "ratio": round(self.ratio, 3) if self.ratio is not None else None,
            "target": self.target.text if self.target else None,
            "figure": round(self.target.figure(self), 3) if self.target else None,
            "verdict": self.verdict,
        }


def at_most_times(factor: float) -> Target:
    """Require a median of at most `factor` times the baseline's."""
    return Target(f"<= {factor:g} x", lambda row: row.ratio if row.ratio is not None else float("inf"), factor)


def at_least_times(factor: float) -> Target:
    """Require a median of at least `factor` times the baseline's: for rates."""
    return Target(f">= {factor:g} x", lambda row: row.ratio or 0.0, factor, is_floor=True)


def at_least(limit: float) -> Target:
    """Require a median of at least `limit`."""
    return Target(f">= {limit:g}", lambda row: row.product.median, limit, is_floor=True)


def at_most_more(amount: float) -> Target:
    """Require a median of at most the baseline's plus this much, in the row's unit."""
    return Target(f"<= baseline + {amount:g}", _difference, amount)


def median_at_most(limit: float) -> Target:
    """Require a median of at most `limit`."""
    return Target(f"<= {limit:g}", lambda row: row.product.median, limit)


def p99_at_most(limit: float) -> Target:
    """Require a 99th percentile of at most `limit`."""
    return Target(f"p99 <= {limit:g}", lambda row: row.product.p99, limit)


def _difference(row: Row) -> float:
    return row.product.median - (row.baseline.median if row.baseline else 0.0)


def rounds(most: int, *, least: int = 5, within_s: float = 20.0) -> Iterator[int]:
    """Yield up to `most` rounds, fewer after a minute on a slow machine, but at least `least`."""
    started = time.monotonic()
    for number in range(most):
        if number >= least and time.monotonic() - started > within_s:
            return
        yield number


HEADINGS = ("row", "unit", "product", "baseline", "ratio", "must reach", "reached", "")


def table(rows: Sequence[Row]) -> str:
    """Return all rows as one table of text; medians, with the smallest and the largest in brackets."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths).rstrip(), *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    baseline = f"{row.baseline.name}: {row.baseline.text}" if row.baseline else ""
    return (
        row.name,
        row.unit,
        row.product.text,
        baseline,
        f"{row.ratio:.2f}" if row.ratio is not None else "",
        row.target.text if row.target else "",
        _short(row.target.figure(row)) if row.target else "",
        row.verdict,
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
