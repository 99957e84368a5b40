"""What all charts share: their shape as data, the layout, and how times and texts are written for Plotly."""

from typing import Any

import polars as pl

Trace = dict[str, Any]
Figure = dict[str, Any]

# Plotly takes bare numbers for local time; a text without a zone is shown as it stands, which is UTC here.
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"


def figure(data: list[Trace], layout: dict[str, Any], **meta: Any) -> Figure:
    """Return a chart: ``data`` and ``layout`` for Plotly, ``meta`` for the page around it."""
    return {"data": data, "layout": base_layout() | layout, "meta": meta}


def empty(reason: str) -> Figure:
    """Return a chart with nothing to draw and the reason to show in its place."""
    return figure([], {}, empty=reason)


def base_layout() -> dict[str, Any]:
    """Return the layout that every chart starts from."""
    return {
        "paper_bgcolor": "@panel",
        "plot_bgcolor": "@panel",
        "font": {"color": "@ink", "size": 12, "family": "@font"},
        "margin": {"l": 12, "r": 12, "t": 8, "b": 12},
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": "@panel",
            "bordercolor": "@line-strong",
            "font": {"color": "@ink", "size": 12, "family": "@font"},
            "align": "left",
        },
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": 12}, "itemsizing": "constant"},
        "uirevision": "stay",
        "dragmode": "zoom",
    }


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """Return an axis with the house's grid."""
    return {
        "title": {"text": title, "font": {"size": 11, "color": "@muted"}, "standoff": 6},
        "gridcolor": "@grid", "zeroline": False, "linecolor": "@line", "tickfont": {"size": 11, "color": "@muted"},
        "automargin": True, "fixedrange": True,
    } | more  # fmt: skip


def time_axis(**more: Any) -> dict[str, Any]:
    """Return a UTC time axis that can be zoomed and moved."""
    return (
        axis(
            type="date",
            fixedrange=False,
            showspikes=True,
            spikemode="across",
            spikethickness=1,
            spikecolor="@line-strong",
            spikedash="solid",
        )
        | more
    )


def iso(times: pl.Series) -> list[str]:
    """Return UTC milliseconds as texts that Plotly shows unchanged."""
    return times.cast(pl.Int64).cast(pl.Datetime("ms")).dt.strftime(_TIME_FORMAT).to_list()


def iso_one(ms: int) -> str:
    """Return one UTC time as a text that Plotly shows unchanged."""
    return iso(pl.Series([ms]))[0]


def plain_text(text: object) -> str:
    """Return ``text`` so that Plotly, which knows a little HTML, shows it as it stands.

    Our own texts use ``<br>`` only: Plotly turns ``<b>`` and the like into style attributes, which the content policy forbids.
    """
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
