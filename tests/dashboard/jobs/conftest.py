"""A queue whose commands are a line of Python each, run in this process as a supervisor would."""

import sys
from dataclasses import dataclass, field

import pytest

from core.paths import Paths
from dashboard.jobs import supervisor
from dashboard.jobs.queue import JobQueue, Limits, Order, slot_lock
from dashboard.jobs.states import Job, JobKind, Request
from dashboard.locks import HeldLock


@dataclass
class Bench:
    """A queue of fake commands; ``started`` are the slots for which a supervisor was wanted."""

    paths: Paths
    limits: Limits = field(default_factory=Limits)
    started: list[int] = field(default_factory=list)

    @property
    def queue(self) -> JobQueue:
        """A queue as every process makes its own."""
        return JobQueue(self.paths, self.limits, self.started.append)

    def submit(self, code: str = "", kind: JobKind = JobKind.BACKTEST) -> Job:
        """Put a line of Python in line."""
        return self.queue.submit(Order(kind, "fake", (code,)))

    def work(self, slot: int = 0) -> None:
        """Be the supervisor of a slot until nothing waits."""
        held = HeldLock(slot_lock(self.paths.jobs, slot))
        assert held.take()
        supervisor.work(self.paths, held)

    def done(self, code: str) -> Job:
        """Run one job to its end."""
        job = self.submit(code)
        self.work()
        return self.queue.job(job.id)


@pytest.fixture
def bench(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Return a bench whose commands cost milliseconds."""

    def command(request: Request) -> list[str]:
        return [sys.executable, "-I", "-S", "-c", request.arguments[0]]

    monkeypatch.setattr(supervisor, "command_line", command)
    monkeypatch.setattr(supervisor, "_POLL_SECONDS", 0.005)
    return Bench(paths)
