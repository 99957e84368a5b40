"""Every sampler keeps the contract."""

import pytest

from config.optimization import SAMPLERS as CONFIGURABLE
from core.errors import ConfigError
from optimization.ledger import TrialLedger
from optimization.sampling import make_sampler
from optimization.search import search
from tests.contracts.sampler_contract import SamplerContract
from tests.optimization.fakes import FakeTrials, plan


class TestTpe(SamplerContract):
    @pytest.fixture
    def sampler(self) -> str:
        return "tpe"


class TestRandom(SamplerContract):
    @pytest.fixture
    def sampler(self) -> str:
        return "random"


def test_every_sampler_of_the_settings_exists_and_is_under_contract() -> None:
    contracts = {name.lower() for name in ("Tpe", "Random")}
    assert set(SAMPLERS) == set(CONFIGURABLE) == contracts


def test_unknown_sampler_offers_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'tpe'"):
        make_sampler("tpes", 1, {})


def test_tpe_learns() -> None:
    """On a smooth hill the second half of a TPE search lies closer to the top than a random one's."""

    def late_mean(sampler: str) -> float:
        found = search(plan(sampler=sampler, budget=80, levels=(1.0,)), TrialLedger({}), FakeTrials())
        scores = [record.value for record in found[40:] if record.state == "complete"]
        return sum(scores) / len(scores)

    assert late_mean("tpe") > late_mean("random") + 0.05
