"""The defaults are those of the tables in docs/execution.md, and every setting of a strategy and of the account stands there."""

import re
from collections.abc import Iterator

from config import ExecutionConfig, StrategyConfig
from core.paths import PROJECT_ROOT

Default = float | bool | str | None
PAGE = (PROJECT_ROOT / "docs" / "execution.md").read_text(encoding="utf8")
SETTINGS = PAGE.partition("\n## Settings\n")[2].partition("\n## ")[0]
STRATEGY, EXECUTION = SETTINGS.split("Of `ExecutionConfig`:")
WORDS: dict[str, Default] = {"on": True, "off": False, "none": None, "atr": "atr", "fixed": "fixed"}


def documented(table: str) -> Iterator[tuple[str, Default]]:
    """Yield name and default of every setting in the table; one default may stand for several names."""
    for row in re.findall(r"^\| (`.*?) \| (.*?) \|", table, re.M):
        names = list(expanded(row[0]))
        defaults = [WORDS[text] if text in WORDS else float(text) for text in row[1].split(", ")]
        assert len(defaults) in (1, len(names)), row
        yield from zip(names, defaults * len(names) if len(defaults) == 1 else defaults, strict=True)


def expanded(cell: str) -> Iterator[str]:
    """Yield the names of a cell; `tier1_x` .. `tier4_x` stands for all between."""
    span = re.fullmatch(r"`(\w*?)1(\w*)` \.\. `\1(\d)\2`", cell)
    if span:
        yield from (f"{span[1]}{number}{span[2]}" for number in range(1, int(span[3]) + 1))
    else:
        yield from re.findall(r"`(\w+)`", cell)


def test_defaults_of_the_strategy_are_the_documented_ones() -> None:
    defaults = StrategyConfig().model_dump(exclude={"name", "params"})
    assert dict(documented(STRATEGY)) == defaults


def test_defaults_of_the_account_are_the_documented_ones() -> None:
    assert dict(documented(EXECUTION)) == ExecutionConfig().model_dump(exclude={"risk_free_rate"})
