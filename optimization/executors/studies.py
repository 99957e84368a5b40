"""The words that all executors share: a study, the series it runs on, and what becomes of one whose workers died."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from core.errors import OptimizationError
from core.funding import FundingRates
from core.market import Market
from optimization.isolation import is_marked
from optimization.search import SearchProgress

# How often a study is begun again after the death of its worker; then its trials are isolated, and when that is of no use it is given up.
RETRIES = 3

Tick = Callable[[SearchProgress], None]
Arrays = Mapping[str, NDArray[Any]]
_COLUMNS = ("open_ms", "open", "high", "low", "close", "volume", "quote_volume")


class RayUnavailable(OptimizationError):
    """Ray was wanted and cannot be used: it is not installed, cannot be reached, or its cluster is not made of the same versions."""


@dataclass(frozen=True, slots=True)
class MarketSeries:
    """What the studies of one market have in common: its candles, and where there are such, finer ones and funding rates."""

    candles: Candles
    detail: Candles | None = None
    funding: FundingRates | None = None

    def packed(self) -> tuple["PackedSeries", dict[str, NDArray[Any]]]:
        """Return what the series is made of: a small description, and its arrays by name."""
        arrays = _arrays("candles", self.candles) | ({} if self.detail is None else _arrays("detail", self.detail))
        if self.funding is not None:
            arrays |= {"funding.time_ms": self.funding.time_ms, "funding.rate": self.funding.rate}
        return PackedSeries(_facts(self.candles), None if self.detail is None else _facts(self.detail)), arrays


@dataclass(frozen=True, slots=True)
class PackedSeries:
    """The description of a series on its way to another process."""

    candles: tuple[Market, bool, bool]
    detail: tuple[Market, bool, bool] | None

    def unpacked(self, arrays: Arrays) -> MarketSeries:
        """Return the series over ``arrays``, which are neither copied nor checked again: they come out of checked candles."""
        funding = FundingRates(arrays["funding.time_ms"], arrays["funding.rate"]) if "funding.time_ms" in arrays else None
        detail = None if self.detail is None else _candles("detail", self.detail, arrays)
        return MarketSeries(_candles("candles", self.candles, arrays), detail, funding)


def _facts(candles: Candles) -> tuple[Market, bool, bool]:
    return candles.market, candles.has_volume, candles.synthetic


def _arrays(name: str, candles: Candles) -> dict[str, NDArray[Any]]:
    columns = ((column, getattr(candles, column)) for column in _COLUMNS)
    return {f"{name}.{column}": np.ascontiguousarray(values) for column, values in columns if values is not None}


def _candles(name: str, facts: tuple[Market, bool, bool], arrays: Arrays) -> Candles:
    market, has_volume, synthetic = facts
    columns: dict[str, Any] = {column: arrays.get(f"{name}.{column}") for column in _COLUMNS}
    return Candles(market, **columns, has_volume=has_volume, synthetic=synthetic)


class Work(Protocol):
    """A study's work: a function of a module, found by its name in every worker.

    It is a function of its arguments and of the files in ``folder`` alone. Begun again over what it left there, it comes to the same as if
    it had never been stopped. It lets everything through that ``tick`` raises, which it calls after every batch.
    """

    def __call__(self, series: MarketSeries, argument: Any, folder: Path | None, tick: Tick, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Study:
    """One study: ``work`` with ``argument`` on the series called ``series``; its files, when it keeps any, lie in ``folder``.

    ``name`` is for messages.
    """

    name: str
    series: str
    work: Work
    argument: Any
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """In place of a result: the study's workers died again and again; ``reason`` is a sentence for the user."""

    reason: str

    @classmethod
    def after(cls, attempts: int, last: str) -> "Lost":
        """Return what is said of a study given up after so many attempts, the last of which ended by ``last``."""
        return cls(f"its worker died {attempts} times, the last time: {last}")


@dataclass(slots=True)
class Patience:
    """What is left of it with one study: how often workers died over it since it last went forward, and whether its trials are isolated.

    ``isolable``: the study has files, so that its trials can be (see ``optimization.isolation``). A study is wary when another one of the
    same trials had to be isolated: it is isolated after the first death.
    """

    isolable: bool
    deaths: int = 0
    isolated: bool = False

    @classmethod
    def over(cls, folder: Path | None) -> "Patience":
        """Return what there is of it for the study in ``folder`` when it is begun."""
        return cls(isolable=folder is not None, isolated=is_marked(folder))

    def went_forward(self) -> None:
        """Forget the deaths so far."""
        self.deaths = 0

    def died(self, how: str, *, wary: bool = False) -> Lost | None:
        """Count a death; Lost when there is nothing left to try."""
        self.deaths += 1
        if self.isolable and not self.isolated and (wary or self.deaths > RETRIES):
            self.isolated = True
            return None
        limit = 2 * RETRIES + 1 if self.isolated else RETRIES
        return Lost.after(self.deaths, how) if self.deaths > limit else None


class Executor(Protocol):
    """Computes studies. ``name`` is that of the setting; ``workers`` is how many studies it works on at once."""

    @property
    def name(self) -> str: ...

    @property
    def workers(self) -> int: ...

    def run(
        self,
        studies: Sequence[Study],
        series: Mapping[str, MarketSeries],
        on_done: Callable[[int], None],
        on_tick: Callable[[int, SearchProgress], None],
    ) -> list[Any]:
        """Return each study's result, or Lost, in the order of ``studies``.

        ``on_done`` is told the number of finished studies, ``on_tick`` the place of a study and its progress, now and then. The error of
        a study is raised here, and then, as with Ctrl-C, nothing goes on in the background; what was saved stays saved.
        """
        ...

    def close(self) -> None:
        """End all workers; nothing when there are none."""
        ...


def ignore_done(_done: int) -> None:
    """Report to nobody."""


def ignore_tick(_place: int, _progress: SearchProgress) -> None:
    """Report to nobody."""
