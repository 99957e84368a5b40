"""What can be known to be wrong before a run is even created."""

from config import RunConfig
from core.paths import Paths
from exchanges import ExchangeManager
from strategies import get_strategy, resolve_params


def check_names(paths: Paths, settings: RunConfig) -> None:
    """Raise ConfigError for an exchange, a strategy or a strategy's parameter that does not exist or is out of range."""
    for name in settings.exchanges:
        ExchangeManager().get(name, paths)
    resolve_params(get_strategy(settings.strategy.name), settings.strategy)
