"""The worked examples of docs/execution.md, read from the page itself."""

import re
from pathlib import Path

from tests.scenarios.scenario import Scenario, Setting, Trade, Unfilled

_BLOCK = re.compile(r"```(settings|candles|outcome)\n(.*?)```", re.DOTALL)
_SIDES = {"long": 1, "short": -1}


def read_examples(page: Path) -> list[Scenario]:
    """Return one scenario per ``### Example`` section; the settings block before the first one belongs to all of them."""
    common, *sections = re.split(r"^### Example ", page.read_text(encoding="utf8"), flags=re.MULTILINE)
    shared = _settings(_blocks(common).get("settings", ""))
    return [_example(section, shared) for section in sections]


def _example(section: str, shared: dict[str, Setting]) -> Scenario:
    blocks = _blocks(section)
    outcome = [line.split() for line in blocks["outcome"].splitlines()]
    equity = next(line[1:] for line in outcome if line[0] == "equity")
    return Scenario(
        name=section.splitlines()[0],
        candles=blocks["candles"],
        settings={**shared, **_settings(blocks.get("settings", ""))},
        trades=tuple(_trade(_fields(line)) for line in outcome if line[0] == "trade"),
        unfilled=tuple(_unfilled(_fields(line)) for line in outcome if line[0] == "unfilled"),
        equity={t: float(value) for t, value in enumerate(equity)},
        ruined=["ruined"] in outcome,
        ambiguous=next((int(line[1]) for line in outcome if line[0] == "ambiguous"), None),
    )


def _blocks(text: str) -> dict[str, str]:
    return dict(_BLOCK.findall(text))


def _settings(block: str) -> dict[str, Setting]:
    return {name: _setting(value) for name, value in (line.split() for line in block.splitlines())}


def _setting(value: str) -> Setting:
    if value in ("on", "off"):
        return value == "on"
    if value.isalpha():
        return value
    return int(value) if value.isdigit() else float(value)


def _fields(line: list[str]) -> dict[str, str]:
    return dict(cell.split("=") for cell in line[1:])


def _trade(fields: dict[str, str]) -> Trade:
    return Trade(
        direction=_SIDES[fields["side"]],
        entry_bar=int(fields["entry_bar"]),
        avg_entry=float(fields["avg_entry"]),
        tier=int(fields["tier"]),
        exit_bar=int(fields["exit_bar"]),
        exit_price=float(fields["exit_price"]),
        reason=fields["reason"],
        qty=float(fields["qty"]),
        net=float(fields["net"]),
    )


def _unfilled(fields: dict[str, str]) -> Unfilled:
    return Unfilled(fields["kind"], fields["reason"], int(fields["signal_bar"]), int(fields["bar"]), float(fields["filled"]))
