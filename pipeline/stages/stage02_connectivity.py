"""Stage 2: do the exchanges in use answer, and do their clocks agree with ours."""

from core.canonical_json import digest
from core.errors import APIError
from core.run_folder import stage_named
from exchanges import ConnectivityStatus, Exchange, ExchangeManager
from pipeline.context import RunContext
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import TableData

RETRY_SECONDS = (1.0, 2.0, 4.0)
MAX_SKEW_MS = 5_000


def _inputs(context: RunContext) -> dict[str, str]:
    return {"exchanges": digest(sorted(_names(context)))}


def _run(context: RunContext) -> StageOutcome:
    """Ask each exchange; after the last retry an APIError names the one that does not answer and why."""
    found = [check(ExchangeManager().get(name, context.paths), context) for name in _names(context)]
    rows = tuple((status.exchange, "ok", _skew(status), status.message) for status in found)
    warnings = tuple(
        f"the clock of {status.exchange} differs from this machine's by {_skew(status)}: set the machine's clock"
        for status in found
        if abs(status.clock_skew_ms or 0) > MAX_SKEW_MS
    )
    return StageOutcome(tables=(TableData("Connectivity", ("exchange", "status", "clock", "answer"), rows, (0, 1, 3)),), warnings=warnings)


def check(exchange: Exchange, context: RunContext) -> ConnectivityStatus:
    """Return the status of an exchange that answers, asking up to four times with rising pauses; APIError otherwise."""
    status = exchange.check_connectivity()
    for seconds in RETRY_SECONDS:
        if status.ok:
            return status
        context.screen.line(f"  {exchange.name} does not answer ({status.message}); again in {seconds:g} s")
        context.pause(seconds)
        status = exchange.check_connectivity()
    if status.ok:
        return status
    raise APIError(
        f"{exchange.name} does not answer after {len(RETRY_SECONDS) + 1} attempts: {status.message}. "
        "Check the network and the venue's status page, then resume."
    )


def _names(context: RunContext) -> list[str]:
    return list(dict.fromkeys(market.exchange for market in context.settings.all_markets))


def _skew(status: ConnectivityStatus) -> str:
    return "n/a" if status.clock_skew_ms is None else f"{status.clock_skew_ms:+,} ms"


CONNECTIVITY = StageWork(stage_named("connectivity"), _inputs, _run)
