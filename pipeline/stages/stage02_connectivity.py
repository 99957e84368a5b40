"""Stage 2: do the exchanges in use answer, do their clocks agree with ours, and is the account's key accepted for no more than reading."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from core.canonical_json import digest
from core.errors import APIError, CredentialError, DataError, PipelineError, RateLimitError
from core.run_folder import stage_named
from exchanges import ConnectivityStatus, Exchange, ExchangeManager
from exchanges.base import AccountStatus
from exchanges.rest_exchange import RestExchange
from exchanges.venues import VENUES
from pipeline.account_keys import keys_of
from pipeline.context import RunContext
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import TableData

RETRY_SECONDS = (1.0, 2.0, 4.0)
MAX_SKEW_MS = 5_000
_BAN_MEANS = (
    "It is the internet address of this computer that waits, for having asked too much; no account is touched, and other exchanges work. "
    "Other programs at this address that use the exchange lengthen the ban: stop them, then resume."
)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Found:
    """What one exchange answered; ``account`` is None where no key was shown to it, ``keys`` says why."""

    status: ConnectivityStatus
    account: AccountStatus | None
    keys: str


def _inputs(context: RunContext) -> dict[str, str]:
    names = sorted(_names(context))
    shown = {name: keys_of(name, context.secrets).complete for name in names}
    return {"exchanges": digest(names), "keys": digest(shown)}


def _run(context: RunContext) -> StageOutcome:
    """Ask each exchange, and where keys are set, for its account; the first one in trouble ends the stage with an error that says why."""
    found = [examine(ExchangeManager().get(name, context.paths), context) for name in _names(context)]
    rows = tuple((each.status.exchange, "ok", _skew(each.status), _account(each), each.status.message) for each in found)
    table = TableData("Connectivity", ("exchange", "status", "clock", "account", "answer"), rows, (0, 1, 3, 4))
    return StageOutcome(
        tables=(table,), warnings=tuple(text for each in found for text in _warnings(each, context.secrets.place_of(each.status.exchange)))
    )


def examine(exchange: Exchange, context: RunContext) -> Found:
    """Return what an exchange answers, and what its account's key may do where there is one.

    Each of the two is asked for up to four times, with rising pauses, unless trying again is in vain. Raises CredentialError for a key
    that is refused, RateLimitError while this computer is banned, and APIError for an exchange that does not answer.
    """
    asked = exchange.once() if isinstance(exchange, RestExchange) else exchange
    keys = keys_of(exchange.name, context.secrets)
    status = check(asked, context)
    if not keys.complete or not isinstance(asked, RestExchange):
        return Found(status, None, keys.state)
    account = _patiently(lambda: asked.check_account(context.secrets), exchange.name, context, _without_keys(exchange.name, context))
    return Found(status, account, keys.state)


def check(exchange: Exchange, context: RunContext) -> ConnectivityStatus:
    """Return the status of an exchange that answers, asking up to four times with rising pauses; the errors are those of ``examine``."""

    def ask() -> ConnectivityStatus:
        status = exchange.check_connectivity()
        if not status.ok:
            raise status.error or _passing(APIError(status.message))
        return status

    return _patiently(ask, exchange.name, context)


def _patiently(ask: Callable[[], Answer], name: str, context: RunContext, other_way: str = "") -> Answer:
    for seconds in RETRY_SECONDS:
        try:
            return ask()
        except PipelineError as error:
            if not error.passing:
                raise _explained(error, name, 1, other_way) from None
            context.screen.line(f"  {_cause(error, name)}; again in {seconds:g} s")
        context.pause(seconds)
    try:
        return ask()
    except PipelineError as error:
        raise _explained(error, name, len(RETRY_SECONDS) + 1, other_way) from None


def _explained(error: PipelineError, name: str, attempts: int, other_way: str) -> PipelineError:
    """Return the error that ends the stage, with what it means to a person who wants to go on."""
    if isinstance(error, CredentialError):
        return CredentialError(f"{_sentence(error)} {other_way}Then resume.")
    if isinstance(error, RateLimitError) and not error.passing:
        return RateLimitError(f"{_sentence(error)} {_BAN_MEANS}")
    if not isinstance(error, APIError | DataError):
        return error
    kind = RateLimitError if isinstance(error, RateLimitError) else APIError
    what = f"does not answer after {attempts} attempts" if error.passing else "cannot be used now"
    page = "Look at its status page too. " if error.passing else ""
    return kind(f"{name} {what}: {_sentence(error)} {page}{other_way}Then resume.")


def _without_keys(name: str, context: RunContext) -> str:
    """Return how to go on without showing the key, where that is possible."""
    facts = VENUES.get(name)
    if facts is None or not facts.public:
        return ""
    return f"Or empty {' and '.join(facts.required_keys)} in {context.secrets.place_of(name)}: {name}'s candles need no key. "


def _cause(error: PipelineError, name: str) -> str:
    """Return what happened without the advice that follows it: the first sentence."""
    said = str(error).split(". ")[0].rstrip(".")
    return said if said.startswith(name) else f"{name}: {said}"


def _sentence(error: PipelineError) -> str:
    return f"{str(error).rstrip('.')}."


def _passing(error: APIError) -> APIError:
    error.passing = True
    return error


def _names(context: RunContext) -> list[str]:
    return list(context.settings.exchanges)


def _skew(status: ConnectivityStatus) -> str:
    return "n/a" if status.clock_skew_ms is None else f"{status.clock_skew_ms:+,} ms"


def _account(found: Found) -> str:
    """Return what the key may do, and nothing else of the account."""
    account = found.account
    if account is None:
        return "no key needed" if found.keys == "none needed" else f"key {found.keys}"
    if account.can_trade is None and account.can_withdraw is None:
        return "ok, rights not told"
    may = [word for word, granted in (("trade", account.can_trade), ("withdraw", account.can_withdraw)) if granted]
    return f"ok, can {' and '.join(may)}" if may else "ok, can only read"


def _warnings(found: Found, place: str) -> list[str]:
    status, account = found.status, found.account
    warnings = []
    if abs(status.clock_skew_ms or 0) > MAX_SKEW_MS:
        warnings.append(f"the clock of {status.exchange} differs from this machine's by {_skew(status)}: set the machine's clock")
    may = None if account is None else "withdraw money" if account.can_withdraw else "trade" if account.can_trade else None
    if may is not None:
        advice = (
            "a key that may do nothing else, and check the key's own permissions on the exchange's page"
            if account is not None and account.can_withdraw
            else "a read-only key where the exchange has such, and keep this one to yourself"
        )
        warnings.append(
            f"{status.exchange}: the key in {place} can {may}, as far as the exchange tells. This product only reads: use {advice}"
        )
    return warnings


CONNECTIVITY = StageWork(stage_named("connectivity"), _inputs, _run)
