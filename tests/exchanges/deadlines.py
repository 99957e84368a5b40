"""Real deadlines, for what waits for a socket and not for a clock that can be injected."""

from collections.abc import Iterator
from dataclasses import replace

from exchanges.http import HttpPolicy
from tests.patience import PATIENCE_SECONDS

# For what comes to an end by itself.
PATIENT = HttpPolicy(request_deadline_s=PATIENCE_SECONDS, waits_s=(), most_bytes=1_000_000)


def short_deadlines(*waits_s: float) -> Iterator[HttpPolicy]:
    """Yield policies for what never ends: with a short deadline, and then ever longer ones.

    On a busy machine a short one may be over before the venue came to read the request; then the next one is tried.
    """
    seconds = 0.2
    while True:
        yield replace(PATIENT, request_deadline_s=seconds, waits_s=waits_s)
        seconds *= 2
