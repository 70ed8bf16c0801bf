"""What runs the bot (the image, compose, Kubernetes, ECS) agrees with the bot and with each other."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from bot.adapters.in_time import SECONDS
from bot.adapters.web import Web
from config.settings import Settings
from tests.deploy.files import DEPLOY, ROOT, manifests, policy, template
from tests.fakes import FakeWatched

PORT = 8080
DOCKERFILE = (ROOT / "Dockerfile").read_text()
FINAL = DOCKERFILE.rpartition("\nFROM ")[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
KUSTOMIZATION = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
DEPLOYMENT = next(m for m in manifests(DEPLOY / "kubernetes" / "trailwarden.yaml") if m["kind"] == "Deployment")
POD = DEPLOYMENT["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
ECS = template(DEPLOY / "aws" / "ecs.yaml")
(TASK,) = ECS["Resources"]["Task"]["Properties"]["ContainerDefinitions"]
HEALTH = json.loads(re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", FINAL, re.MULTILINE)[0])


class AnyDoor:
    endpoints: dict[str, Any] = {}  # noqa: RUF012 - none

    def is_open(self) -> bool:
        return True


@pytest.fixture
def web() -> Iterator[Web]:
    running = Web("", 0, AnyDoor(), FakeWatched())
    yield running
    running.stop()


# The image.


def test_the_image_runs_as_somebody_else_than_root_by_number() -> None:
    """Kubernetes' runAsNonRoot cannot tell of a name."""
    assert [int(user) > 0 for user in re.findall(r"^USER (\d+)$", FINAL, re.MULTILINE)] == [True]


def test_the_image_installs_by_hashes() -> None:
    assert "uv pip sync --python /opt/trailwarden --require-hashes requirements.lock" in DOCKERFILE
    assert "--build-constraints requirements-dev.lock --require-hashes" in DOCKERFILE


def test_an_extra_of_the_image_is_held_to_the_lock_that_has_all_extras() -> None:
    """Whose hashes uv verifies where it has them."""
    assert "uv pip install --python /opt/trailwarden --constraints requirements-dev.lock" in DOCKERFILE
    assert re.search(
        r"^opentelemetry-sdk==\S+ \\\n    --hash=", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE
    )
    assert "opentelemetry" not in (ROOT / "requirements.lock").read_text()


def test_the_image_has_a_python_that_the_package_takes() -> None:
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert {f"python:{oldest}-slim"} == set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))


def test_the_image_bounds_the_heaps_of_the_bots_threads() -> None:
    """By default there are eight a core, and what is free in one is of no use to the others (docs/reliability.md)."""
    assert "MALLOC_ARENA_MAX=2" in FINAL.split()


def test_the_build_context_has_what_is_copied_and_no_settings_of_anybody() -> None:
    everything, *allowed = (ROOT / ".dockerignore").read_text().split()
    assert everything == "*"
    copied = {f for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for f in line.split()}
    kept = {a.removeprefix("!") for a in allowed if a.startswith("!")}
    assert kept == {*(copied - {"requirements.lock", "requirements-dev.lock"}), "requirements*.lock"}


def checked(port: int) -> int:
    told = {**os.environ, "PORT": str(port)}
    return subprocess.run([sys.executable, *HEALTH[1:]], env=told, stderr=subprocess.DEVNULL, check=False).returncode


def test_the_images_health_check_finds_the_bot_alive(web: Web) -> None:
    assert HEALTH[0] == "python"
    assert checked(web.port) == 0


def test_the_images_health_check_fails_where_nobody_listens(web: Web) -> None:
    port = web.port
    web.stop()
    assert checked(port) != 0


def test_ecs_checks_health_as_the_image_does() -> None:
    assert TASK["HealthCheck"]["Command"] == ["CMD", *HEALTH]


# Kubernetes.


@pytest.mark.parametrize("probe", ["livenessProbe", "readinessProbe"])
def test_a_probe_asks_for_a_path_that_the_bot_serves(probe: str, web: Web) -> None:
    path = CONTAINER[probe]["httpGet"]["path"]
    check = HEALTH[2].replace("/healthz", path)
    done = subprocess.run([sys.executable, "-c", check], env={**os.environ, "PORT": str(web.port)}, check=False)
    assert done.returncode == 0
    assert CONTAINER[probe]["httpGet"]["port"] == CONTAINER["ports"][0]["name"]


@pytest.mark.parametrize("probe", ["livenessProbe", "readinessProbe"])
def test_a_probe_waits_as_long_as_an_answer_may_take(probe: str) -> None:
    """Kubernetes waits one second by itself; /readyz asks the database for two, and a large audit makes all slower."""
    assert CONTAINER[probe].get("timeoutSeconds", 1) > SECONDS


def test_nothing_runs_as_root_or_writes_to_its_root() -> None:
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert CONTAINER["securityContext"]["readOnlyRootFilesystem"] is True
    assert COMPOSE["services"]["trailwarden"]["read_only"] is True
    assert TASK["ReadonlyRootFilesystem"] is True


def test_each_gives_it_a_place_for_what_it_throws_away() -> None:
    assert CONTAINER["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108 - of a container
    assert COMPOSE["services"]["trailwarden"]["tmpfs"] == ["/tmp"]  # noqa: S108 - of a container
    assert TASK["MountPoints"] == [{"SourceVolume": "tmp", "ContainerPath": "/tmp"}]  # noqa: S108 - of a container
    assert "MPLCONFIGDIR=/tmp/" in FINAL


# Ports and settings.


def test_all_name_one_port() -> None:
    assert re.findall(r"\bPORT=(\d+)", FINAL) == re.findall(r"^EXPOSE (\d+)", FINAL, re.MULTILINE) == [str(PORT)]
    assert [p["containerPort"] for p in CONTAINER["ports"]] == [PORT]
    assert [p["ContainerPort"] for p in TASK["PortMappings"]] == [PORT]
    assert COMPOSE["services"]["trailwarden"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert COMPOSE["services"]["trailwarden"]["environment"]["PORT"] == str(PORT)


def known() -> set[str]:
    plain = {n.upper() for n in Settings.model_fields if n in ("port", "database_url") or n.startswith("slack_")}
    return plain | {f"TRAILWARDEN_{n.upper()}" for n in Settings.model_fields} | {"TRAILWARDEN_CONFIG"}


def said_by_ecs() -> set[str]:
    return {entry["Name"] for entry in (*TASK["Environment"], *TASK["Secrets"])}


def said_by_kubernetes() -> set[str]:
    return {line.split("=")[0] for made in KUSTOMIZATION["configMapGenerator"] for line in made["literals"]}


def said_by_compose() -> set[str]:
    return set(COMPOSE["services"]["trailwarden"]["environment"])


def said_by_the_page() -> set[str]:
    page = (ROOT / "docs" / "deploy.md").read_text()
    return set(re.findall(r"\b(?:TRAILWARDEN|SLACK)_[A-Z_]+[A-Z]|\bDATABASE_URL\b|\bPORT\b", page))


@pytest.mark.parametrize("said", [said_by_ecs, said_by_kubernetes, said_by_compose, said_by_the_page])
def test_a_setting_that_is_told_is_one_that_the_bot_reads(said: Any) -> None:
    assert said()
    assert said() <= known()


def test_no_secret_stands_in_plain_text() -> None:
    secret = {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "DATABASE_URL"}
    assert not {entry["Name"] for entry in TASK["Environment"]} & secret
    assert not said_by_kubernetes() & secret


# ECS.


def test_the_task_has_the_policies_of_config_and_nothing_more() -> None:
    bot = ECS["Resources"]["Bot"]["Properties"]
    assert {p["PolicyName"]: p["PolicyDocument"] for p in bot["Policies"]} == {
        "bot": policy("bot"),
        "audit": policy("audit"),
    }
    assert "ManagedPolicyArns" not in bot


def test_the_task_runs_as_the_role_that_the_page_names() -> None:
    assert ECS["Resources"]["Bot"]["Properties"]["RoleName"] == "Trailwarden"
    assert "arn:aws:iam::111122223333:role/Trailwarden\n" in (ROOT / "docs" / "connect-aws.md").read_text()
    assert ECS["Resources"]["Task"]["Properties"]["TaskRoleArn"] == {"Fn::GetAtt": ["Bot", "Arn"]}


def test_more_than_one_pod_may_run_only_on_a_database_for_many() -> None:
    """A SQLite file takes one process: the secret that Kubernetes is given has DATABASE_URL."""
    assert DEPLOYMENT["spec"]["replicas"] > 1
    page = (ROOT / "docs" / "deploy.md").read_text()
    assert re.search(
        r"kubectl create secret generic trailwarden(.|\n)*?--from-literal=DATABASE_URL=postgresql://", page
    )


def test_the_platforms_file_of_requirements_is_the_lock() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["-r requirements.lock"]
