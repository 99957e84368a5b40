"""An endless market made of hashed noise: any bar of any symbol, at once, and always the same."""

from exchanges.simulation.market import SimulatedMarket

__all__ = ["SimulatedMarket"]
