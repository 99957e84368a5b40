"""Putting finished pages together into parts that can be stored, whatever order they come in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.candles import Candles
from core.market import Market
from exchanges.archive_files import ArchiveFile
from exchanges.paging import Columns, join_pages


@dataclass(frozen=True, slots=True)
class Part:
    """All closed bars of ``market`` with ``start_ms <= open < end_ms``; ``candles`` is None when there are none.

    ``source`` says where they are from: ``rest``, or the archive's file and its checksum.
    """

    market: Market
    start_ms: int
    end_ms: int
    candles: Candles | None
    source: str

    @property
    def bars(self) -> int:
        """The number of bars."""
        return 0 if self.candles is None else len(self.candles)


@dataclass(slots=True, eq=False)
class Piece:
    """One request's worth of a series: a page, or a file of the archive; ``found`` once it is there."""

    start_ms: int
    end_ms: int
    file: ArchiveFile | None = None
    found: Columns | Part | None = None


def split_at_holes(part: Part) -> list[Piece]:
    """Return the bars of ``part`` (it has some) as answered pieces without holes, and the time between, before and behind as open ones."""
    candles, step = part.candles, part.market.timeframe.ms
    assert candles is not None
    edges = [0, *(np.flatnonzero(np.diff(candles.open_ms) != step) + 1).tolist(), len(candles)]
    pieces: list[Piece] = []
    known_ms = part.start_ms
    for run in (candles[first:last] for first, last in pairwise(edges)):
        begin_ms = int(run.open_ms[0])
        if known_ms < begin_ms:
            pieces.append(Piece(known_ms, begin_ms))
        known_ms = run.end_ms
        pieces.append(Piece(begin_ms, known_ms, found=Part(part.market, begin_ms, known_ms, run, part.source)))
    return pieces if known_ms >= part.end_ms else [*pieces, Piece(known_ms, part.end_ms)]


class Series:
    """The pieces of one series in order of time; finished ones leave once, oldest first, joined into parts of some pages."""

    def __init__(self, market: Market, now_ms: int, pieces: Sequence[Piece], part_pages: int, *, has_volume: bool) -> None:
        """``now_ms`` is the venue's time before the first request: bars that close later are left. A part has up to ``part_pages``."""
        self.market, self.now_ms = market, now_ms
        self._pieces, self._part_pages, self._has_volume = list(pieces), part_pages, has_volume

    def replace(self, piece: Piece, others: Sequence[Piece]) -> None:
        """Put ``others``, which cover the same time, in the place of ``piece``."""
        at = self._pieces.index(piece)
        self._pieces[at : at + 1] = others

    def finished(self, *, everything: bool = False) -> Iterator[Part]:
        """Yield what can leave: whole parts from the oldest piece on; with ``everything`` whatever is there, also behind holes.

        Raises DataError for bars that break the candle contract.
        """
        while run := self._next_run(everything=everything):
            self._pieces = [piece for piece in self._pieces if piece not in run]
            yield self._part(run)

    def _next_run(self, *, everything: bool) -> list[Piece]:
        """Return the pieces of the next part, [] when none can leave."""
        run: list[Piece] = []
        for piece in self._pieces:
            if piece.found is None or (run and isinstance(piece.found, Part)):
                if run and (everything or isinstance(piece.found, Part)):
                    return run
                if piece.found is None and not everything:
                    return []
                continue
            run.append(piece)
            if isinstance(piece.found, Part) or len(run) == self._part_pages:
                return run
        return run

    def _part(self, run: Sequence[Piece]) -> Part:
        pages: list[Columns] = []
        for piece in run:
            if isinstance(piece.found, Part):
                return piece.found
            if piece.found is not None:
                pages.append(piece.found)
        columns = join_pages(str(self.market), pages)
        candles = Candles.from_arrays(self.market, columns, has_volume=self._has_volume) if len(columns["timestamp"]) else None
        end_ms = min(run[-1].end_ms, self.market.timeframe.floor(self.now_ms))
        return Part(self.market, run[0].start_ms, max(end_ms, run[0].start_ms), candles, "rest")
