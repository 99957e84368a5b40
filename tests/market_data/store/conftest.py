"""Fixtures of the store's tests."""

import os
from pathlib import Path

import pytest

from market_data.store import CandleStore
from tests.market_data.store.stores import small_parts, store_in


@pytest.fixture
def store(tmp_path: Path) -> CandleStore:
    """Return an empty store."""
    return store_in(tmp_path)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make parts of 64 bars, tails of 16."""
    small_parts(monkeypatch)


@pytest.fixture
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do without waiting for the disk, in tests with thousands of writes that are not about power cuts."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)
