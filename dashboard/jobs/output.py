"""What a command wrote, a piece at a time."""

import os
import re
import stat
from dataclasses import dataclass

from dashboard.jobs.states import Job

PIECE_BYTES = 256 << 10
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the output: whole lines where it has any, ``next`` the byte to go on at, ``size`` of all so far."""

    text: str
    next: int
    size: int


def read_piece(job: Job, start: int, limit: int = PIECE_BYTES) -> Piece:
    """Return the output from byte ``start`` on; of a job that is over, its last line needs no end."""
    try:
        handle = os.open(job.output, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return Piece("", 0, 0)
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            return Piece("", 0, 0)
        size = state.st_size
        content = os.pread(handle, limit, min(start, size))
    finally:
        os.close(handle)
    end = content.rfind(b"\n") + 1
    last = job.status.state.over and start + len(content) >= size
    if last or (not end and len(content) == limit):
        end = len(content)
    return Piece(_COLOURS.sub("", content[:end].decode(errors="replace")), min(start, size) + end, size)
