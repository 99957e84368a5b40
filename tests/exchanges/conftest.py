"""What the tests of exchanges share: a connection that is left open is blamed on the test that left it."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def frozen_heap() -> Iterator[None]:
    """Put all that is there before a module's tests out of the collector's sight, so that a collection takes a millisecond."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_left_open(frozen_heap: None) -> Iterator[None]:
    """Collect what a test has left behind: sockets and transports that were not closed warn, and warnings are errors."""
    yield
    gc.collect()
