"""An environment with pretend credentials and nothing else that boto3 reads."""

import os
from collections.abc import Callable

import pytest

from tests.adapters.wire import Wire


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/credentials")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def credentials(no_credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - a fixture
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "pretend")


@pytest.fixture
def new_wire(credentials: None) -> Callable[..., Wire]:  # noqa: ARG001 - a fixture
    return Wire


@pytest.fixture
def wire(new_wire: Callable[..., Wire]) -> Wire:
    return new_wire()
