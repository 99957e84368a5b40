"""Lists of symbols that never hold a request up for long: a venue is asked in the background, one question at a time for each."""

import logging
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet

from core.clock import monotonic_seconds
from core.errors import PipelineError, RateLimitError
from exchanges.base import Exchange

log = logging.getLogger(__name__)

_FRESH_S = 3600.0
_PATIENCE_S = 5.0
_AT_ONCE = 4
_KEPT = 64


class SymbolLists:
    """Asks each exchange at most once an hour. Thread-safe."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        """Wait for an answer for ``patience_s`` seconds; whoever asks again later finds it."""
        self._patience_s = patience_s
        self._answers: dict[str, tuple[float, Future[list[str]]]] = {}
        self._lock = threading.Lock()

    def of(self, exchange: Exchange) -> list[str]:
        """Return the symbols of an exchange, sorted.

        Raises RateLimitError while it has not answered, and what went wrong where it could not be asked.
        """
        try:
            return self._asked(exchange).result(self._patience_s)
        except NotYet:
            raise RateLimitError(f"{exchange.name} has not answered yet. Ask again in a moment.") from None
        except PipelineError:
            with self._lock:
                self._answers.pop(exchange.name, None)
            raise

    def _asked(self, exchange: Exchange) -> Future[list[str]]:
        with self._lock:
            known = self._answers.get(exchange.name)
            if known is not None and (not known[1].done() or monotonic_seconds() - known[0] < _FRESH_S):
                return known[1]
            if sum(not answer.done() for _, answer in self._answers.values()) >= _AT_ONCE:
                raise RateLimitError("several venues are being asked already. Ask again in a moment.")
            while len(self._answers) >= _KEPT:
                self._answers.pop(next(iter(self._answers)))
            answer: Future[list[str]] = Future()
            self._answers[exchange.name] = (monotonic_seconds(), answer)
        # A daemon: a venue that never answers does not keep the program from ending.
        threading.Thread(target=_ask, args=(exchange, answer), name=f"symbols-{exchange.name}", daemon=True).start()
        return answer


def _ask(exchange: Exchange, answer: Future[list[str]]) -> None:
    try:
        answer.set_result(sorted(exchange.symbols()))
    except PipelineError as error:
        log.warning("the symbols of %s cannot be read: %s", exchange.name, error)
        answer.set_exception(error)
    except BaseException as error:
        answer.set_exception(error)
        raise
