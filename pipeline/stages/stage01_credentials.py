"""Stage 1: which venues have keys. Public candles, candle files and the simulated market need none."""

from config.secrets import REQUIRED_KEYS, Secrets
from core.canonical_json import digest
from core.run_folder import stage_named
from pipeline.context import RunContext
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import TableData

_CANDLES_NEED_KEYS = ("DHAN", "ZERODHA")  # brokers serve nothing to strangers


def _inputs(context: RunContext) -> dict[str, str]:
    present = {name: not context.secrets.missing_for(name) for name in REQUIRED_KEYS}
    return {"exchanges": digest(sorted(_exchanges(context))), "keys": digest(present), "open": digest(context.secrets.readable_by_others)}


def _run(context: RunContext) -> StageOutcome:
    """Report, for every exchange of the run, whether its account keys are set and what works without them."""
    rows = tuple((name, *_status(name, context.secrets)) for name in _exchanges(context))
    return StageOutcome(
        tables=(TableData("Credentials", ("exchange", "keys", "meaning"), rows, (0, 1, 2)),), warnings=tuple(_warnings(context))
    )


def _exchanges(context: RunContext) -> list[str]:
    return list(dict.fromkeys(market.exchange for market in context.settings.all_markets))


def _status(exchange: str, secrets: Secrets) -> tuple[str, str]:
    if exchange not in REQUIRED_KEYS:
        return "none needed", "no account is involved"
    missing = secrets.missing_for(exchange)
    if not missing:
        return "ok, set", "account calls are possible"
    without = "its candles need them too" if exchange in _CANDLES_NEED_KEYS else "public candles work without"
    return "missing", f"set {', '.join(missing)} in {secrets.path.name}; {without}"


def _warnings(context: RunContext) -> list[str]:
    if not context.secrets.readable_by_others:
        return []
    return [f"{context.secrets.path} can be read by other users of this machine: chmod 600 {context.secrets.path}"]


CREDENTIALS = StageWork(stage_named("credentials"), _inputs, _run)
