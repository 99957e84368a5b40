"""What is known of every venue, in one place, agrees with what is asked for elsewhere."""

from pathlib import Path

import pytest

from config.secrets import REQUIRED_KEYS
from core.paths import Paths
from exchanges import ExchangeManager
from exchanges.http import HttpCore
from exchanges.rest_exchange import RestExchange
from exchanges.venues import VENUES


def test_required_keys_are_those_of_the_facts() -> None:
    assert {name: facts.required_keys for name, facts in VENUES.items()} == dict(REQUIRED_KEYS)


def test_every_venue_of_the_manager_is_there(tmp_path: Path) -> None:
    manager, paths = ExchangeManager(), Paths.under(tmp_path)
    venues = [name for name in manager.names() if isinstance(manager.get(name, paths), RestExchange)]
    assert venues == sorted(VENUES)
    assert all(manager.get(name, paths).facts is VENUES[name] for name in venues)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", VENUES)
def test_keys_go_where_the_named_address_is_and_nowhere_else(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = HttpCore(VENUES[name])
    assert own.account_url == (VENUES[name].account_url or VENUES[name].base_url)
    assert own.account_url.startswith("https://")
    monkeypatch.setenv(f"{name}_BASE_URL", "https://other.example/api/")
    replaced = HttpCore(VENUES[name])
    assert replaced.account_url == replaced.base_url == "https://other.example/api"
