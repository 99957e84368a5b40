"""Which column of a file is which: by name, in any case, and never by position or by guess."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.candle_checks import PRICE_NAMES

# Names of the opening time. Files often hold the same time twice (a number and a text): the first name in this order counts.
TIME_NAMES = (
    "open_time",
    "opentime",
    "open_timestamp",
    "timestamp",
    "ts",
    "unix",
    "unix_timestamp",
    "start_time",
    "time",
    "datetime",
    "date_time",
    "date",
    "__index_level_0__",
)
_QUOTE_VOLUME_NAMES = frozenset({"quote_volume", "quotevolume", "quote_asset_volume", "volume_quote"})
# Parts of the volume, not the volume.
_PARTIAL_VOLUMES = ("taker_", "buy_", "sell_")
# "Volume USDT" alone is most likely the volume in the quote currency, and then it must not pass for the other.
_QUOTE_CURRENCIES = frozenset({"usd", "usdt", "usdc", "busd", "tusd", "fdusd", "dai", "eur", "gbp", "jpy", "inr", "quote"})


@dataclass(slots=True)
class Columns:
    """The file's own name of each column of a candle; ``troubles`` says what could not be told."""

    time: str | None = None
    prices: dict[str, str] = field(default_factory=dict)
    volume: str | None = None
    quote_volume: str | None = None
    troubles: list[str] = field(default_factory=list)


def find_columns(names: Sequence[str]) -> Columns:
    """Return which of ``names`` holds what; ``troubles`` counts and names the columns that are missing or ambiguous."""
    by_meaning: dict[str, list[str]] = {}
    for name in names:
        by_meaning.setdefault(_plain(name), []).append(name)
    columns = Columns(time=next((by_meaning[name][0] for name in TIME_NAMES if name in by_meaning), None))
    columns.prices = {name: by_meaning[name][0] for name in PRICE_NAMES if name in by_meaning}
    columns.quote_volume = next((by_meaning[name][0] for name in sorted(_QUOTE_VOLUME_NAMES) if name in by_meaning), None)
    volumes = [name for name in names if _may_be_volume(_plain(name))]
    columns.volume = volumes[0] if len(volumes) == 1 else None
    columns.troubles = [*_missing(columns, volumes, names), *_repeated(by_meaning), *_ambiguous_volume(volumes)]
    return columns


def has_candle_names(names: Sequence[str]) -> bool:
    """Return whether ``names`` look like the header of a candle file: a time and the four prices."""
    columns = find_columns(names)
    return columns.time is not None and len(columns.prices) == len(PRICE_NAMES)


def _plain(name: str) -> str:
    return "_".join(name.strip().lower().replace("-", " ").replace(".", " ").split()).strip("\ufeff")


def _may_be_volume(name: str) -> bool:
    if name in _QUOTE_VOLUME_NAMES or name.startswith(_PARTIAL_VOLUMES):
        return False
    return name in ("volume", "vol") or name.startswith("volume_") or name.endswith("_volume")


def _missing(columns: Columns, volumes: list[str], names: Sequence[str]) -> list[str]:
    absent = [] if columns.time else ["timestamp"]
    absent += [name for name in PRICE_NAMES if name not in columns.prices]
    absent += [] if volumes else ["volume"]
    if not absent:
        return []
    return [f"{len(absent)} column(s) are missing: {', '.join(absent)}; the file has {', '.join(names)}: rename them"]


def _repeated(by_meaning: dict[str, list[str]]) -> list[str]:
    known = {*TIME_NAMES, *PRICE_NAMES, *_QUOTE_VOLUME_NAMES}
    twice = [names for meaning, names in by_meaning.items() if meaning in known and len(names) > 1]
    return [f"{len(names)} columns have the same meaning ({', '.join(names)}): remove all but one" for names in twice]


def _ambiguous_volume(volumes: list[str]) -> list[str]:
    advice = "name the one in the base currency volume and the other quote_volume"
    if len(volumes) > 1:
        return [f"{len(volumes)} columns may be the volume ({', '.join(volumes)}): {advice}"]
    if any(part in _QUOTE_CURRENCIES for name in volumes for part in _plain(name).split("_")):
        return [f"1 column may be the volume in the base or in the quote currency ({volumes[0]}): {advice}"]
    return []
