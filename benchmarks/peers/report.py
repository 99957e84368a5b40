"""The table of the README, written between two marks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.peers.measure import Taken

BEGIN, END = "<!-- peers:begin -->", "<!-- peers:end -->"


@dataclass
class Line:
    """One comparison: what was run, with whom, and what came out; without ``ours`` and ``theirs`` nothing was timed."""

    title: str
    peer: str
    trouble: list[str] = field(default_factory=list)
    ours: Taken | None = None
    theirs: Taken | None = None
    our_memory: float | None = None
    their_memory: float | None = None

    @property
    def ratio(self) -> float:
        """How many times longer the peer takes, nan where it was not timed."""
        return self.theirs.median / self.ours.median if self.ours and self.theirs else float("nan")

    def cells(self) -> list[str]:
        """Return the cells of the table."""
        if self.trouble:
            return [self.title, self.peer, "other trades: " + "; ".join(self.trouble), "", "", ""]
        memory = f"{_megabytes(self.our_memory)} / {_megabytes(self.their_memory)}"
        ratio = f"{self.ratio:,.0f}×" if self.ratio >= 10 else f"{self.ratio:.1f}×" if self.theirs else ""
        return [self.title, self.peer, str(self.ours), str(self.theirs or ""), ratio, memory]


def table(lines: Sequence[Line], notes: Sequence[str]) -> str:
    """Return the table with its notes as Markdown."""
    head = ["what", "peer", "this engine, ms", "peer, ms", "peer / this", "MB above idle, this / peer"]
    rows = [head, ["---"] * len(head), *(line.cells() for line in lines)]
    return "\n".join(["| " + " | ".join(row) + " |" for row in rows] + ["", *notes])


def with_table(text: str, content: str) -> str:
    """Return ``text`` with what is between the marks replaced; ValueError where they are not there once each, in order."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"the file needs one {BEGIN} and after it one {END}")
    return text[: text.index(BEGIN) + len(BEGIN)] + "\n" + content + "\n" + text[text.index(END) :]


def write(path: Path, content: str) -> None:
    """Replace the table in a file."""
    path.write_text(with_table(path.read_text(encoding="utf8"), content), encoding="utf8")


def _megabytes(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
