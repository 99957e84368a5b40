"""The edge to the outside: exchanges behind one protocol, and the manager that knows them by name."""

from exchanges.base import ConnectivityStatus, Exchange, VenueFees, is_perpetual, is_spot_market
from exchanges.manager import ExchangeManager

__all__ = ["ConnectivityStatus", "Exchange", "ExchangeManager", "VenueFees", "is_perpetual", "is_spot_market"]
