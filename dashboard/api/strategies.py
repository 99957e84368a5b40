"""The built-in strategies with their parameters. A strategy of a user's own is a file, and files are not asked for over the network."""

import inspect
from dataclasses import asdict
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import json_answer, reading
from dashboard.api.errors import MissingError
from dashboard.api.schemas.catalogue import StrategiesAnswer, StrategyItem
from dashboard.api.schemas.paths import StrategyPath
from dashboard.context import Context
from strategies import get_strategy, strategy_names

TAG = Tag(name="Strategies", description="What can be traded by, and what of it can be set.")


def blueprint(_context: Context) -> APIBlueprint:
    """Return the routes of the strategies."""
    routes = APIBlueprint("api_strategies", __name__, abp_tags=[TAG])

    @routes.get("/strategies", responses=reading(StrategiesAnswer), provide_automatic_options=False)
    def strategies() -> Response:
        """All built-in strategies with their parameters."""
        items = [_item(name) for name in strategy_names()]
        return json_answer({"items": items, "total": len(items)})

    @routes.get("/strategies/<name>", responses=reading(StrategyItem, 404), provide_automatic_options=False)
    def strategy(path: StrategyPath) -> Response:
        """One strategy with its parameters."""
        if path.name not in strategy_names():
            raise MissingError("there is no built-in strategy of that name.")
        return json_answer(_item(path.name))

    return routes


def _item(name: str) -> dict[str, Any]:
    strategy = get_strategy(name)
    return {
        "name": name,
        "description": inspect.cleandoc(type(strategy).__doc__ or ""),
        "warmup_bars": strategy.warmup({param.name: param.default for param in strategy.params}),
        "params": [asdict(param) for param in strategy.params],
    }
