"""Tables as plain data, and how a terminal shows them. Words and signs carry the meaning; colours only repeat it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich import box
from rich.table import Table
from rich.text import Text

UNDEFINED = "n/a"
# A cell that begins with one of these words is coloured; the word says it without colour.
_COLOURS = {"ok": "green", "passed": "green", "warning": "yellow", "failed": "red", "missing": "yellow"}


@dataclass(frozen=True, slots=True)
class TableData:
    """A title, column heads and rows of text; columns in ``text_columns`` (the first if not given) align left, all others right.

    ``note`` is a sentence below the table.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: tuple[int, ...] = (0,)
    note: str = ""


def facts(title: str, rows: Iterable[tuple[str, object]], note: str = "") -> TableData:
    """Return a table of two text columns, name and value."""
    return TableData(title, ("", ""), tuple((name, cell(value)) for name, value in rows), (0, 1), note)


def cell(value: object, digits: int = 2) -> str:
    """Return ``value`` as people read it: numbers with ``digits`` decimals and thousands separators, n/a where undefined."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return UNDEFINED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.{digits}f}"
    return str(value)


def plain_number(value: object) -> str:
    """Return a setting as it is typed, with all of its digits and no exponent: 0.00001, 20, true."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        # 15 digits are those that a float keeps of what was typed; a seventeenth would tell 0.1 + 0.2 from 0.3.
        digits = format(Decimal(f"{value:.15g}"), "f")
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return str(value)


def render(data: TableData) -> Table:
    """Return the rich table; its texts are shown as they are, brackets too: files of the user's are named in them."""
    heads = any(data.columns)
    table = Table(
        title=Text(data.title, style="bold") if data.title else None, title_justify="left", box=box.SIMPLE_HEAD, show_header=heads,
        pad_edge=False,
    )  # fmt: skip
    for number, head in enumerate(data.columns):
        left = number in data.text_columns
        table.add_column(Text(head), justify="left" if left else "right", overflow="fold", no_wrap=not left)
    for row in data.rows:
        table.add_row(*_styled(row))
    return table


def _styled(row: Sequence[str]) -> list[Text]:
    return [Text(text, style=_COLOURS.get(text.split(" ", 1)[0].rstrip(",:"), "")) for text in row]
