"""The Kubernetes example fits together, and its fleet and its command line are ones that this program takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from chargepoint.cli.fleet import _shard, run
from chargepoint.fleet.file import load_fleet
from chargepoint.fleet.limits import Machine, check

EXAMPLE = Path(__file__).parents[3] / "packaging" / "kubernetes" / "fleet-job.yaml"


@pytest.fixture
def documents() -> dict[str, Any]:
    return {document["kind"]: document for document in yaml.safe_load_all(EXAMPLE.read_text())}


def _container(documents: dict[str, Any]) -> dict[str, Any]:
    (container,) = documents["Job"]["spec"]["template"]["spec"]["containers"]
    return dict(container)


def _arguments(documents: dict[str, Any], index: int) -> list[str]:
    """The command line of a pod, with the variables that Kubernetes puts in."""
    container = _container(documents)
    variables = {variable["name"]: variable["value"] for variable in container["env"]}
    variables["JOB_COMPLETION_INDEX"] = str(index)
    command_line = "\n".join(container["args"])
    for name, value in variables.items():
        command_line = command_line.replace(f"$({name})", value)
    return command_line.split("\n")


def _options(documents: dict[str, Any], index: int) -> dict[str, Any]:
    assert _container(documents)["command"] == ["chargepoint"]
    group, command, *arguments = _arguments(documents, index)
    assert (group, command) == ("fleet", "run")
    with run.make_context("run", arguments) as context:
        assert isinstance(context, click.Context)
        return dict(context.params)


def test_there_are_as_many_pods_as_shards_and_all_run_at_once(documents: dict[str, Any]) -> None:
    spec = documents["Job"]["spec"]
    assert spec["completionMode"] == "Indexed"
    assert spec["parallelism"] == spec["completions"]
    shards = [_shard(_options(documents, index)["shard"]) for index in range(spec["completions"])]
    assert shards == [(index, spec["completions"]) for index in range(spec["completions"])]


def test_the_mounted_file_is_the_one_that_is_run(documents: dict[str, Any]) -> None:
    (mount,) = _container(documents)["volumeMounts"]
    (volume,) = documents["Job"]["spec"]["template"]["spec"]["volumes"]
    assert mount["name"] == volume["name"]
    assert volume["configMap"]["name"] == documents["ConfigMap"]["metadata"]["name"]
    (name,) = documents["ConfigMap"]["data"]
    assert _options(documents, 0)["file"] == f"{mount['mountPath']}/{name}"


def test_its_fleet_loads_and_a_pod_can_carry_its_part(documents: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(documents["ConfigMap"]["data"]["fleet.toml"])
    plan = load_fleet(file, environ={}).plan
    options = _options(documents, 0)
    pods = documents["Job"]["spec"]["completions"]
    assert sum(1 for _ in plan.stations(0, pods)) == plan.count / pods == 10_000
    machine = Machine(descriptors=1_048_576, ports=28_232)
    assert check(plan, options["processes"], (0, pods), machine) == []


def test_pods_have_time_to_end_in_good_order(documents: dict[str, Any]) -> None:
    spec = documents["Job"]["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] > float(_options(documents, 0)["grace"])
