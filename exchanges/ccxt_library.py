"""The optional library ccxt: loaded only when an exchange called CCXT:<id> is made, and never given a key."""

import importlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.errors import APIError, ConfigError, CredentialError, DataError, PipelineError
from core.suggest import did_you_mean
from exchanges.facts import Refusal

PREFIX = "CCXT:"
INSTALL = "python -m pip install -r requirements-ccxt.txt"
# ccxt writes whole requests and answers into its log; nothing of that is wanted.
_SILENT = logging.getLogger(f"{__name__}.silent")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
_SILENT.setLevel(logging.CRITICAL + 1)

# What ccxt's errors mean, from the general to the special: the last name that an error's class descends from counts.
_MEANINGS: tuple[tuple[str, Refusal], ...] = (
    ("BaseError", Refusal.REQUEST),
    ("OperationFailed", Refusal.RETRY),
    ("AuthenticationError", Refusal.CREDENTIAL),
    ("BadSymbol", Refusal.SYMBOL),
    ("DDoSProtection", Refusal.LIMIT),
    ("RateLimitExceeded", Refusal.LIMIT),
)
# What ccxt raises where an answer is not of the form that it expects.
_STUMBLES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def load_ccxt(name: str) -> Any:
    """Return ccxt's module; ConfigError with the way to install it for the exchange called ``name`` when it is absent."""
    try:
        return importlib.import_module("ccxt")
    except ImportError as error:
        why = "is not installed" if isinstance(error, ModuleNotFoundError) and error.name == "ccxt" else f"cannot be loaded ({error})"
        raise ConfigError(f"{name} needs the package ccxt, which {why}. Run: {INSTALL}") from None


def new_client(name: str) -> Any:
    """Return ccxt's client for the exchange called ``name`` (``CCXT:<id>``, in any case), without a key.

    ConfigError, with the nearest id, for one that ccxt does not know, and for one that has no candles.
    """
    library = load_ccxt(name)
    ids = {each.lower(): each for each in library.exchanges}
    wanted = name[len(PREFIX) :].strip().lower()
    if wanted not in ids:
        near = did_you_mean(wanted, ids) if wanted else " Write for example CCXT:bybit."
        raise ConfigError(f"ccxt {library.__version__} has no exchange '{wanted[:40]}'.{near}")
    client = getattr(library, ids[wanted])({"logger": _SILENT, "verbose": False, "enableRateLimit": True})
    if client.has.get("fetchOHLCV") is not True or not client.timeframes:
        raise ConfigError(f"{PREFIX}{wanted.upper()}: ccxt reads no candles from this exchange. Use another one, such as CCXT:bybit.")
    # The list of coins is not needed for candles; options have no candles worth the many requests for their list.
    client.has["fetchCurrencies"] = False
    listed = client.options.get("fetchMarkets")
    if isinstance(listed, dict) and isinstance(listed.get("types"), list):
        listed["types"] = [each for each in listed["types"] if each != "option"]
    return client


def meanings(library: Any) -> Mapping[str, Refusal]:
    """Return what each of ccxt's errors means, by the name of its class."""
    found: dict[str, Refusal] = {}
    for name, each in vars(library).items():
        if isinstance(each, type) and issubclass(each, library.BaseError):
            found[name] = [meaning for ancestor, meaning in _MEANINGS if issubclass(each, getattr(library, ancestor))][-1]
    return found


@contextmanager
def our_errors(library: Any, name: str) -> Iterator[None]:
    """Turn what ccxt raises by itself, without a request, into our errors; ours, which come out of requests, pass as they are."""
    try:
        yield
    except CredentialError as error:
        raise _wants_key(name) from error
    except PipelineError:
        raise
    except library.BaseError as error:
        kind = meanings(library).get(type(error).__name__, Refusal.REQUEST)
        said = f"{name}: {short(str(error))} (ccxt's {type(error).__name__})"
        if kind == Refusal.CREDENTIAL or isinstance(error, library.ArgumentsRequired):
            raise _wants_key(name) from None
        if kind == Refusal.SYMBOL:
            raise ConfigError(f"{said}. Choose a symbol that the venue lists.") from None
        if isinstance(error, library.NotSupported):
            raise DataError(f"{said}. Choose another symbol or timeframe.") from None
        raise APIError(f"{said}. Try again later, or use another exchange.") from None
    except _STUMBLES as error:
        raise DataError(f"{name}: the answer is not of the form that ccxt expects ({type(error).__name__}). Try again later.") from None


def short(text: str) -> str:
    """Return a foreign text fit for a terminal: one line, no control characters, not long."""
    return "".join(char if char.isprintable() else " " for char in text[:200]).strip()


def _wants_key(name: str) -> CredentialError:
    return CredentialError(f"{name} answers this only to accounts, and ccxt is never given a key. Use another exchange.")
