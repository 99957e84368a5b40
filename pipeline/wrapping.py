"""Text on a terminal: broken between words, and the commands in them left whole, so that they can be copied."""

import textwrap

from pipeline.program import command_to


def wrapped(text: str, width: int) -> str:
    """Return ``text`` in lines of at most ``width`` columns, as far as its words are not longer; what fits stays as it is.

    A line of this program that is to be typed begins a line of its own and is never broken: the terminal wraps it, and a copy of it is
    one line.
    """
    if width < 1:
        return text
    return "\n".join(_lines(line, width) for line in text.split("\n"))


def _lines(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    sentences, command, rest = text.partition(command_to())
    lines = textwrap.wrap(sentences, width, break_long_words=False, break_on_hyphens=False, replace_whitespace=False)
    # Blanks between a sentence and the command would stand at the end of a line.
    return "\n".join([*lines, f"{command}{rest}"] if command else lines)
