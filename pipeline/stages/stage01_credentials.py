"""Stage 1: which venues have keys, and what works without. Public candles, candle files and the simulated market need none."""

from collections.abc import Iterator, Mapping

from config.secrets import REQUIRED_KEYS, Secrets
from core.canonical_json import digest
from core.errors import CredentialError
from core.run_folder import stage_named
from pipeline.account_keys import KEY_FILE, AccountKeys, keys_of
from pipeline.context import RunContext
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import TableData


def _inputs(context: RunContext) -> dict[str, str]:
    present = {name: not context.secrets.missing_for(name) for name in REQUIRED_KEYS}
    return {"exchanges": digest(sorted(_exchanges(context))), "keys": digest(present), "open": digest(context.secrets.readable_by_others)}


def _run(context: RunContext) -> StageOutcome:
    """Report for the exchanges of the run, and then for every other venue, whether keys are set and what works without them.

    Raises CredentialError for an exchange of the run that shows its candles only to its customers and whose keys are missing.
    """
    used = _exchanges(context)
    found = {name: keys_of(name, context.secrets) for name in dict.fromkeys([*used, *REQUIRED_KEYS])}
    for name in used:
        if found[name].barred:
            raise CredentialError(f"{name} shows its candles only to its customers: {found[name].remedy}. Then resume.")
    return StageOutcome(tables=(_table(found, used, context.secrets),), warnings=tuple(_warnings(found, used, context.secrets)))


def _exchanges(context: RunContext) -> list[str]:
    return list(context.settings.exchanges)


def _table(found: Mapping[str, AccountKeys], used: list[str], secrets: Secrets) -> TableData:
    note = "" if secrets.exists else f" (there is no {KEY_FILE}; {KEY_FILE}.example says where keys are made)"
    heads = ("exchange", "this run", "keys", "what works", "not set")
    rows = tuple(
        (name, "yes" if name in used else "no", keys.state, keys.works, ", ".join(keys.missing) or "-") for name, keys in found.items()
    )
    return TableData(f"Credentials{note}", heads, rows, (0, 1, 2, 3, 4))


def _warnings(found: Mapping[str, AccountKeys], used: list[str], secrets: Secrets) -> Iterator[str]:
    if secrets.readable_by_others:
        yield f"{secrets.path} can be read by other users of this machine: chmod 600 {secrets.path}"
    for name in used:
        if found[name].partly:
            yield f"{name}'s keys are only partly set, so that its account is not checked: {found[name].remedy}"


CREDENTIALS = StageWork(stage_named("credentials"), _inputs, _run)
