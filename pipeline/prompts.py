"""Questions on the terminal: arrow keys, defaults, and answers checked while they are typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import questionary
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output

from core.errors import PipelineError

Check = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu: what it stands for and what it says."""

    value: str
    text: str


class Prompter:
    """Asks. Ctrl-C in any question raises KeyboardInterrupt. ``source`` and ``target`` replace the terminal, for tests."""

    def __init__(self, source: Input | None = None, target: Output | None = None) -> None:
        self._streams: dict[str, Any] = {name: stream for name, stream in (("input", source), ("output", target)) if stream is not None}

    def choose(self, message: str, choices: Sequence[Choice], default: str | None = None) -> str:
        """Return the value of the line that was chosen with the arrow keys."""
        lines = [questionary.Choice(choice.text, value=choice.value) for choice in choices]
        known = default if any(choice.value == default for choice in choices) else None
        answer: str = questionary.select(message, lines, default=known, **self._streams).unsafe_ask()
        return answer

    def text(self, message: str, default: str, check: Check) -> str:
        """Return a line of text for which ``check`` raises no PipelineError; its message is shown while the answer is wrong."""
        answer: str = questionary.text(message, default=default, validate=_validator(check), **self._streams).unsafe_ask()
        return answer.strip()

    def file(self, message: str, default: str, check: Check) -> str:
        """Return the path of a file, with completion by Tab."""
        answer: str = questionary.path(message, default=default, validate=_validator(check), **self._streams).unsafe_ask()
        return answer.strip()

    def confirm(self, message: str, *, default: bool) -> bool:
        """Return yes or no."""
        answer: bool = questionary.confirm(message, default=default, **self._streams).unsafe_ask()
        return answer


def _validator(check: Check) -> Callable[[str], bool | str]:
    def validate(text: str) -> bool | str:
        try:
            check(text.strip())
        except (PipelineError, ValueError) as error:
            return str(error)
        return True

    return validate
