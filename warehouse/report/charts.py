"""Figures as SVG, drawn without a browser or a network; readable on light and dark paper and on a telephone."""

from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from warehouse.report.declared import NUMBER_FORMATS, Figure

WIDTH, HEIGHT, ROW_HEIGHT = 380, 200, 20
INK, RULE, MAIN = "#74828c", "#8f9ba355", "#3a6ea5"
MONEY_LABEL = f"replace(format(datum.value, '{NUMBER_FORMATS['money']}'), 'G', 'bn')"  # d3 says G where banks say bn
SERIES = ["#3a6ea5", "#e08214", "#2a7f62", "#b5443b", "#7b5ea7", "#8c6d46", "#c2679d", "#5f6b73", "#a8a23a", "#35a0b0"]


def draw(figure: Figure, rows: pd.DataFrame) -> str:
    """SVG of one figure that is not a table; `rows` is the answer of its query, in the order to draw."""
    chart = _CHARTS[figure.chart](figure, rows).properties(width=WIDTH)
    return _svg(_on_paper(chart).to_json(indent=None))


@cache
def _svg(specification: str) -> str:
    svg: str = vl_convert.vegalite_to_svg(specification)
    return svg


def _bar(figure: Figure, rows: pd.DataFrame) -> Any:
    bars = alt.Chart(rows, height=alt.Step(ROW_HEIGHT)).mark_bar(color=MAIN)
    return bars.encode(x=_measure(alt.X, figure, figure.x), y=_category(figure), **_colour(figure, rows))


def _column(figure: Figure, rows: pd.DataFrame) -> Any:
    bars = alt.Chart(rows, height=HEIGHT).mark_bar(color=MAIN)
    return bars.encode(x=_time(figure, rows), y=_measure(alt.Y, figure, figure.y), **_colour(figure, rows))


def _line(figure: Figure, rows: pd.DataFrame) -> Any:
    base = alt.Chart(rows, height=HEIGHT).encode(x=_time(figure, rows), **_colour(figure, rows))
    scale = alt.Scale(zero=figure.number == "count")
    points = alt.OverlayMarkDef(size=20)
    line = base.mark_line(color=MAIN, point=points).encode(y=_measure(alt.Y, figure, figure.y, scale=scale))
    if figure.low is None or figure.high is None:
        return line
    band = base.mark_area(opacity=0.2, color=MAIN)
    return band.encode(y=_measure(alt.Y, figure, figure.low, scale=scale), y2=alt.Y2(figure.high)) + line


def _interval(figure: Figure, rows: pd.DataFrame) -> Any:
    base = alt.Chart(rows, height=alt.Step(ROW_HEIGHT)).encode(y=_category(figure))
    rule = base.mark_rule(color=MAIN, size=2)
    point = base.mark_point(color=MAIN, filled=True, size=50).encode(x=_measure(alt.X, figure, figure.x))
    nothing = alt.Chart(pd.DataFrame({"nothing": [0]})).mark_rule(color=INK, strokeDash=[3, 3]).encode(x="nothing:Q")
    return nothing + rule.encode(x=_measure(alt.X, figure, figure.low), x2=alt.X2(str(figure.high))) + point


_CHARTS = {"bar": _bar, "column": _column, "line": _line, "interval": _interval}


def _measure(axis: Any, figure: Figure, name: str | None, **more: Any) -> Any:
    if figure.number == "money":
        shown = alt.Axis(labelExpr=MONEY_LABEL, tickCount=5)
    else:
        shown = alt.Axis(format=NUMBER_FORMATS[figure.number], tickCount=5)
    return axis(f"{name}:Q", title=None, axis=shown, **more)


def _category(figure: Figure) -> alt.Y:
    return alt.Y(f"{figure.y}:N", title=None, sort=None, axis=alt.Axis(labelLimit=180))


def _time(figure: Figure, rows: pd.DataFrame) -> alt.X:
    """Dates as months or days by how far they lie apart; anything else as it is, in the order of the rows."""
    if not pd.api.types.is_datetime64_any_dtype(rows[figure.x]):
        axis = alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=6)
        return alt.X(f"{figure.x}:O", title=None, sort=None, axis=axis)
    is_monthly = bool((rows[figure.x].dt.day == 1).all())
    axis = alt.Axis(format="%y-%m" if is_monthly else "%m-%d", labelOverlap="greedy", labelSeparation=6, labelAngle=0)
    if figure.chart == "column":
        unit = "yearmonth" if is_monthly else "yearmonthdate"
        return alt.X(f"{unit}({figure.x}):O", title=None, axis=axis)
    return alt.X(f"{figure.x}:T", title=None, axis=axis)


def _colour(figure: Figure, rows: pd.DataFrame) -> dict[str, Any]:
    if figure.colour is None:
        return {}
    names = list(dict.fromkeys(rows[figure.colour]))
    scale = alt.Scale(domain=names, range=[SERIES[at % len(SERIES)] for at in range(len(names))])
    legend = alt.Legend(orient="top", columns=3, symbolType="square", labelLimit=110)
    return {"color": alt.Color(f"{figure.colour}:N", title=None, sort=names, scale=scale, legend=legend)}


def _on_paper(chart: Any) -> Any:
    axes = {"labelColor": INK, "gridColor": RULE, "tickColor": RULE, "labelFontSize": 11, "domain": False}
    return (
        chart.configure(background="#ffffff00", font="system-ui, Noto Sans CJK SC, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(**axes)
        .configure_legend(labelColor=INK, labelFontSize=11)
    )
