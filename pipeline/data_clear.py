"""``data clear``: remove stored candles, after a question."""

import sys
from collections.abc import Sequence

from core.errors import ConfigError, DataError
from core.market import Market
from market_data.store import SeriesInfo
from pipeline.data_rows import NOTHING, size
from pipeline.data_session import DataSession
from pipeline.prompts import Prompter
from pipeline.tables import TableData, cell


def clear_series(session: DataSession, markets: Sequence[Market], *, sure: bool) -> bool:
    """Remove ``markets``; return False when the answer to the question was no. ConfigError without a terminal unless ``sure``."""
    infos = [_info(session, market) for market in markets]
    total = sum(info.bytes for info in infos if info)
    rows = tuple((str(market), *_cells(info)) for market, info in zip(markets, infos, strict=True))
    session.screen.table(TableData("To be removed", ("series", "bars", "size"), rows))
    what = f"{len(markets):,} series, {sum(info.rows for info in infos if info):,} candles, {size(total)}"
    if not sure and not _asked(f"Remove {what}?"):
        session.screen.line("Nothing was removed.")
        return False
    for market in markets:
        session.store.clear(market)
    session.screen.good(f"Removed: {what}.")
    return True


def _info(session: DataSession, market: Market) -> SeriesInfo | None:
    """Return what is stored; None for a series that cannot be read, which is removed too."""
    try:
        return session.store.info(market)
    except DataError:
        return None


def _cells(info: SeriesInfo | None) -> tuple[str, str]:
    return (NOTHING, NOTHING) if info is None else (cell(info.rows), size(info.bytes))


def _asked(question: str) -> bool:
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        raise ConfigError(f"{question} Without a terminal nobody can answer: add --yes.")
    return Prompter().confirm(question, default=False)
