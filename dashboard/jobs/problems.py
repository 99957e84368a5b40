"""What is wrong with a form, field by field: the errors of settings and strategies say it in one text, pages show it beside the fields."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from core.errors import ConfigError

# "strategy.ema_fast = 60 must be ...", "start: '2024-13' is no date", "markets.0.symbol is required", "params.speed: strategy ..."
_SUBJECT = re.compile(r"([a-z_]\w*(?:\.\w+)*)(?= =|:| is | are )")

_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake; ``field`` is the dotted path of the setting, "" when it belongs to none."""

    field: str
    message: str


class FormError(ConfigError):
    """Everything that is wrong with what was sent."""

    def __init__(self, problems: Collection[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


def problems_of(error: ConfigError, fields: Collection[str], within: str = "") -> list[Problem]:
    """Return each mistake that ``error`` tells of, with its field if that is one of ``fields``; names may be relative to ``within``."""
    if isinstance(error, FormError):
        return list(error.problems)
    texts = [str(each) for each in error.args] or [str(error)]
    return [Problem(_field(text, fields, within), _sentence(text)) for text in texts]


def _field(text: str, fields: Collection[str], within: str) -> str:
    found = _SUBJECT.match(text)
    if found is None:
        return ""
    whole = [found[1], *((f"{within}.{found[1]}", f"{within}.params.{found[1]}") if within else ())]
    # The longest part of the name that is a field: an item of a list belongs to the list.
    for name in whole:
        parts = name.split(".")
        for end in range(len(parts), 0, -1):
            if (prefix := ".".join(parts[:end])) in fields:
                return prefix
    return ""


def _sentence(text: str) -> str:
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
    return cut if cut.endswith((".", "?", "!")) else f"{cut}."
