"""What every command of the candle store begins with: its screen, its store, and logs that show no secret."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.market import Market
from core.paths import Paths
from market_data.store import CandleStore
from market_data.stored_series import StoreContent, choose_markets, store_content
from pipeline.app import App
from pipeline.interrupts import Interrupts
from pipeline.log_files import start_logging
from pipeline.screen import Screen


@dataclass(frozen=True)
class DataSession:
    """The folders, the screen and the store of one command, and the signals of its process."""

    paths: Paths
    screen: Screen
    store: CandleStore
    interrupts: Interrupts

    def content(self) -> StoreContent:
        """Return what lies in the store now."""
        return store_content(self.store)

    def chosen(self, symbols: Sequence[str] = (), exchange: str | None = None, timeframe: str | None = None) -> tuple[Market, ...]:
        """Return the stored series of these names; see ``choose_markets``."""
        return choose_markets(self.content().markets, symbols, exchange, timeframe)

    def shown(self, path: Path) -> str:
        """Return ``path`` as seen from the folder of stored candles."""
        return str(path.relative_to(self.store.root)) if path.is_relative_to(self.store.root) else str(path)


@contextmanager
def data_session(app: App, *, quiet: bool = False) -> Iterator[DataSession]:
    """Open the store for one command; a farewell that the command sets is gone at its end, unless it ended by a signal."""
    screen = Screen(quiet=quiet)
    handler = screen.log_handler()
    if handler is not None:
        # What was revised is said by the commands.
        handler.addFilter(lambda record: not record.name.startswith("market_data.store"))
    start_logging(app.paths, console=handler)
    yield DataSession(app.paths, screen, CandleStore(app.paths), app.interrupts)
    app.interrupts.farewell = str
