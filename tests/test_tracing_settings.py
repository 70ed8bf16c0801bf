"""When traces are told, and what is said where they cannot be."""

import subprocess
import sys

import pytest

from config.secrets import known_secrets
from config.settings import Settings
from config.tracing import missing_for_traces, wanted

ON = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("told", "on"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (ON, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({**ON, "OTEL_SDK_DISABLED": "TRUE"}, False),
        ({**ON, "OTEL_SDK_DISABLED": "false"}, True),
        ({**ON, "OTEL_TRACES_EXPORTER": "none"}, False),
        ({**ON, "OTEL_TRACES_EXPORTER": "otlp"}, True),
    ],
)
def test_an_endpoint_switches_them_on_unless_the_sdk_is_off(told: dict[str, str], on: bool) -> None:
    assert wanted(told) == on


def test_what_is_well_needs_no_word() -> None:
    assert list(missing_for_traces(ON)) == []
    assert list(missing_for_traces({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})) == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    address, protocol = missing_for_traces(wrong)
    assert address.startswith("OTEL_EXPORTER_OTLP_ENDPOINT is no address: ")
    assert protocol.startswith("OTEL_EXPORTER_OTLP_PROTOCOL: only http/protobuf is spoken")


def test_of_two_names_the_one_for_traces_counts() -> None:
    told = {**ON, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}
    assert list(missing_for_traces(told)) == []


WITHOUT = """
import os, sys
sys.modules["opentelemetry"] = None
from bot.cli import main

sys.exit(main(["serve"]))
"""


def test_without_the_packages_serve_says_what_to_install_beside_all_else_that_is_wrong() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], env=ON, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    said = done.stderr.splitlines()
    assert (
        "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, which need more packages: pip install 'trailwarden[otel]'."
        in said
    )
    assert any(line.startswith("SLACK_BOT_TOKEN is missing") for line in said)


def test_what_a_collector_is_told_to_let_us_in_is_a_secret() -> None:
    told = {"OTEL_EXPORTER_OTLP_HEADERS": "api-key=k-12345678, authorization=Basic%20abcdefgh"}
    assert {"k-12345678", "Basic%20abcdefgh", "Basic abcdefgh"} <= set(known_secrets(Settings(), told))
