"""Reads candles from a fake venue with the venue's official client, or ccxt, and prints them as JSON.

Run by an interpreter that has tests/certification/requirements.txt: ``read_candles.py CLIENT URL < QUESTIONS``. The questions are one
JSON object: what all have in common, and under ``series`` a list of what each asks for. The answer is a list of as many lists of rows
[open time in UTC ms, open, high, low, close, volume], the volume as the client gives it.
"""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

Rows = list[list[float]]
_PRICES = ("open", "high", "low", "close", "volume")


def kiteconnect(url: str, asked: dict[str, Any]) -> Iterator[Rows]:
    """Read with Zerodha's own client; tokens are looked up in the client's list of instruments."""
    from kiteconnect import KiteConnect

    client = KiteConnect(api_key=asked["api_key"], access_token=asked["access_token"], root=url)
    tokens = {row["tradingsymbol"]: row["instrument_token"] for row in client.instruments("NSE")}
    for series in asked["series"]:
        rows = client.historical_data(tokens[series["symbol"]], series["from"], series["to"], series["interval"])
        yield [[row["date"].timestamp() * 1000, *(row[name] for name in _PRICES)] for row in rows]


def dhanhq(url: str, asked: dict[str, Any]) -> Iterator[Rows]:
    """Read with Dhan's own client."""
    from dhanhq import DhanContext
    from dhanhq import dhanhq as client_class

    context = DhanContext(asked["client_id"], asked["access_token"])
    context.get_dhan_http().base_url = url
    client = client_class(context)
    for series in asked["series"]:
        question = (series["security_id"], "NSE_EQ", "EQUITY", series["from"], series["to"])
        if series["interval"] == "day":
            answer = client.historical_daily_data(*question)
        else:
            answer = client.intraday_minute_data(*question, interval=int(series["interval"]))
        if answer["status"] != "success":
            raise SystemExit(f"dhanhq: {answer['remarks']}")
        columns = [answer["data"][name] for name in ("timestamp", *_PRICES)]
        yield [[time * 1000, *values] for time, *values in zip(*columns, strict=True)]


def delta_rest_client(url: str, asked: dict[str, Any]) -> Iterator[Rows]:
    """Read with Delta's own client, which signs a question about the profile as well."""
    from delta_rest_client import DeltaRestClient

    client = DeltaRestClient(base_url=url, api_key=asked["api_key"], api_secret=asked["api_secret"])
    client.request("GET", "/v2/profile", auth=True)
    for series in asked["series"]:
        rows = client.request("GET", "/v2/history/candles", query=series).json()["result"]
        yield sorted([row["time"] * 1000, *(row[name] for name in _PRICES)] for row in rows)


def binance_connector(url: str, asked: dict[str, Any]) -> Iterator[Rows]:
    """Read with Binance's own client for spot, which signs a question about the account as well."""
    from binance.spot import Spot

    yield from _binance(Spot(api_key=asked["api_key"], api_secret=asked["api_secret"], base_url=url), asked)


def binance_futures_connector(url: str, asked: dict[str, Any]) -> Iterator[Rows]:
    """Read with Binance's own client for USDT-M futures; series without an interval are funding rates, as rows [time, rate]."""
    from binance.um_futures import UMFutures

    yield from _binance(UMFutures(key=asked["api_key"], secret=asked["api_secret"], base_url=url), asked)


def _binance(client: Any, asked: dict[str, Any]) -> Iterator[Rows]:
    client.sign_request("GET", asked["account_path"])
    for series in asked["series"]:
        if "interval" in series:
            yield [[row[0], *map(float, row[1:6])] for row in client.klines(**series)]
        else:
            yield [[row["fundingTime"], float(row["fundingRate"])] for row in client.funding_rate(**series)]


def ccxt(url: str, asked: dict[str, Any]) -> Iterator[Rows]:
    """Read with ccxt's class ``asked["id"]``, its addresses turned to the fake; series without a timeframe are funding rates."""
    import ccxt as library

    exchange = getattr(library, asked["id"])({"enableRateLimit": False, **asked.get("settings", {})})
    exchange.urls["api"] = _turned(exchange.urls["api"], url)
    exchange.load_markets()
    unified = {market["id"]: market["symbol"] for market in exchange.markets.values()}
    for series in asked["series"]:
        question = (series["since"], series["limit"], series.get("params", {}))
        if "timeframe" in series:
            yield [list(row) for row in exchange.fetch_ohlcv(unified[series["symbol"]], series["timeframe"], *question)]
        else:
            rates = exchange.fetch_funding_rate_history(unified[series["symbol"]], *question)
            yield [[row["timestamp"], row["fundingRate"]] for row in rates]


def _turned(addresses: Any, url: str) -> Any:
    """Return ccxt's addresses with the host of ``url`` in all of them, paths kept."""
    if isinstance(addresses, dict):
        return {name: _turned(each, url) for name, each in addresses.items()}
    return re.sub(r"^(https?|wss?)://[^/]+", url, addresses) if isinstance(addresses, str) else addresses


CLIENTS = {
    "binance-connector": binance_connector,
    "binance-futures-connector": binance_futures_connector,
    "ccxt": ccxt,
    "delta-rest-client": delta_rest_client,
    "dhanhq": dhanhq,
    "kiteconnect": kiteconnect,
}


def main() -> None:
    """Read what the command line and the questions ask for."""
    client, url = sys.argv[1:]
    json.dump(list(CLIENTS[client](url, json.load(sys.stdin))), sys.stdout)


if __name__ == "__main__":
    main()
