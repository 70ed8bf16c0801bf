"""Whether traces are told, by OpenTelemetry's own names; whatever else begins with OTEL_ its SDK reads itself.

Source: opentelemetry.io, "OTLP Exporter Configuration" and "Environment Variable Specification".
"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
HEADERS = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
"""Of each the one that counts first."""
SPOKEN = "http/protobuf"
EXPORTER = "opentelemetry.exporter.otlp.proto.http"


def wanted(environment: Mapping[str, str]) -> bool:
    off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return not off and environment.get("OTEL_TRACES_EXPORTER") != "none" and bool(_first(ENDPOINTS, environment))


def missing_for_traces(environment: Mapping[str, str]) -> Iterator[str]:
    """What is wrong where they are wanted, one sentence each."""
    if not wanted(environment):
        return
    name, protocol = _first(ENDPOINTS, environment), _first(PROTOCOLS, environment)
    if not _is_installed():
        yield f"{name} asks for traces, which need more packages: pip install 'trailwarden[otel]'."
    if not environment[name].startswith(("http://", "https://")):
        yield f"{name} is no address: it begins with http:// or https://, such as http://collector:4318."
    if protocol and environment[protocol] != SPOKEN:
        yield f"{protocol}: only {SPOKEN} is spoken, for which a collector mostly has the port 4318."


def _first(names: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """The first that says something, or ""."""
    return next((name for name in names if environment.get(name)), "")


def _is_installed() -> bool:
    try:
        return find_spec(EXPORTER) is not None
    except ModuleNotFoundError:
        return False
