"""Markdown that shows any text as it is: a symbol may be called anything."""

import re
from collections.abc import Iterable, Iterator, Sequence

_MARKUP = re.compile(r"[\\`*_\[\]|<&~]")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table and an empty one."""
    yield _line(heads)
    yield _line(["---"] * len(heads))
    for row in rows:
        yield _line([text(cell) for cell in row])
    yield ""


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def text(words: str) -> str:
    """Return ``words`` on one line, without anything that Markdown would take for markup."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(words.split()))
