"""The facts of every venue with an account, by name: what is known of a venue without talking to it."""

from collections.abc import Mapping

from exchanges.binance import SPOT
from exchanges.binance_usdm import USDM
from exchanges.delta import DELTA
from exchanges.dhan import DHAN
from exchanges.facts import VenueFacts
from exchanges.zerodha import ZERODHA

VENUES: Mapping[str, VenueFacts] = {facts.name: facts for facts in (SPOT, USDM, DELTA, ZERODHA, DHAN)}
