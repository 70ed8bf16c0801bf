"""The page on operations, the alerts and the dashboard name what is there, and leave nothing out."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.adapters.metrics.table import METRICS, PREFIX, Metric
from bot.adapters.runner import APPLY, DIGEST, SETTLE, Work

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text()
RULES = yaml.safe_load((ROOT / "deploy" / "monitoring" / "alerts.yml").read_text())
BOARD = json.loads((ROOT / "deploy" / "monitoring" / "grafana.json").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
NAME = re.compile(rf"{PREFIX}[a-z_]+")
SELECTED = re.compile(rf"({PREFIX}[a-z_]+)\{{([^}}]*)\}}")


def row(name: str, metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{PREFIX}{name}` | {metric.kind} | {labels}{' ' if labels else ''}| {metric.meaning} |"


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_in_the_table_as_it_is(name: str) -> None:
    assert row(name, METRICS[name]) in PAGE.splitlines()


def test_the_table_has_no_other() -> None:
    assert len(re.findall(rf"^\| `{PREFIX}", PAGE, re.MULTILINE)) == len(METRICS)


def series() -> set[str]:
    """The names that a scrape can show."""
    plain = {PREFIX + name for name in METRICS}
    histograms = {PREFIX + name for name, metric in METRICS.items() if metric.kind == "histogram"}
    return plain | {f"{name}_{end}" for name in histograms for end in ("bucket", "sum", "count")}


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in ALERTS)
    yield from (target["expr"] for panel in BOARD["panels"] for target in panel["targets"])


@pytest.mark.parametrize("expression", tuple(expressions()))
def test_every_metric_that_is_asked_for_is_there_with_its_labels(expression: str) -> None:
    names = NAME.findall(expression)
    assert names
    assert set(names) <= series()
    for name, labels in SELECTED.findall(expression):
        metric = METRICS[re.sub("_(bucket|sum|count)$", "", name.removeprefix(PREFIX))]
        assert set(re.findall(r"(\w+)[!=]", labels)) <= set(metric.labels), expression


def test_the_page_names_no_metric_that_is_none() -> None:
    assert set(NAME.findall(PAGE)) <= series()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_every_alert_says_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert rule["annotations"]["summary"].endswith(".")
    assert re.search(rf"^\| `{rule['alert']}` \| .+ \|$", PAGE, re.MULTILINE)


def test_every_span_of_ours_is_in_the_table() -> None:
    names = {APPLY, SETTLE, DIGEST, *(step.name for step in fields(Work))}
    traces = PAGE.partition("\n## Traces\n")[2].partition("\n## ")[0]
    rows = [line for line in traces.splitlines() if line.startswith("| `")]
    assert names <= set(re.findall(r"`(\w+)`", "".join(rows)))


def test_the_page_has_no_other_alert() -> None:
    assert set(re.findall(r"^\| `(Trailwarden\w+)` \|", PAGE, re.MULTILINE)) == {rule["alert"] for rule in ALERTS}


def test_no_two_panels_lie_on_each_other_nor_have_one_id() -> None:
    places = [(x, y) for panel in BOARD["panels"] for x, y in cells(panel["gridPos"])]
    assert len(places) == len(set(places))
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def cells(place: dict[str, int]) -> Iterator[tuple[int, int]]:
    assert place["x"] + place["w"] <= 24
    across, down = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
    return ((x, y) for x in across for y in down)
