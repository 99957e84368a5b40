"""The exchanges, and what can be traded there."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from core.errors import ConfigError
from dashboard.api.answers import json_answer, reading
from dashboard.api.errors import MissingError
from dashboard.api.paging import page_of
from dashboard.api.schemas.catalogue import ExchangesAnswer, SymbolsPage, SymbolsQuery
from dashboard.api.schemas.paths import ExchangePath
from dashboard.context import Context
from dashboard.reading.symbols import SymbolLists
from exchanges import ExchangeManager
from exchanges.base import Exchange

TAG = Tag(name="Exchanges", description="Where candles come from.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the routes of the exchanges."""
    routes = APIBlueprint("api_exchanges", __name__, abp_tags=[TAG])
    lists = SymbolLists()

    @routes.get("/exchanges", responses=reading(ExchangesAnswer), provide_automatic_options=False)
    def exchanges() -> Response:
        """All exchanges; none of them is asked anything for it."""
        items = [_item(_exchange(context, name)) for name in ExchangeManager().names()]
        return json_answer({"items": items, "total": len(items)})

    @routes.get("/exchanges/<name>/symbols", responses=reading(SymbolsPage, 404, 422, 424, 502, 503), provide_automatic_options=False)
    def symbols(path: ExchangePath, query: SymbolsQuery) -> Response:
        """The symbols of an exchange, which is asked at most once an hour."""
        found = lists.of(_exchange(context, path.name))
        wanted = found if query.q is None else [symbol for symbol in found if query.q.casefold() in symbol.casefold()]
        return json_answer(page_of(wanted, query))

    return routes


def _exchange(context: Context, name: str) -> Exchange:
    try:
        return ExchangeManager().get(name, context.paths)
    except ConfigError as error:
        raise MissingError(str(error)) from None


def _item(exchange: Exchange) -> dict[str, Any]:
    fees = exchange.default_fees
    return {
        "name": exchange.name,
        "synthetic": exchange.synthetic,
        "has_volume": exchange.has_volume,
        "is_spot": exchange.is_spot,
        "fees": {"maker": fees.maker, "taker": fees.taker, "source": fees.source, "as_of": fees.as_of},
    }
