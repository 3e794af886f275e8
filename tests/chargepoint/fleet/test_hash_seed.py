"""The order of sets and dictionaries of strings, which differs from process to process, has no part in a fleet's history."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def _trace(version: str, hash_seed: int, folder: Path) -> bytes:
    command = [sys.executable, "-m", "chargepoint", "fleet", "run", "--virtual", "--count", "6", "--ocpp", version]
    settings = ("arrivals.per_day=30", "arrivals.day=flat")
    command += [part for setting in settings for part in ("--set", f"template.station.sessions.{setting}")]
    command += ["--duration", "3h", "--live", "off", "--trace", str(folder)]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return (folder / "trace-0.jsonl").read_bytes()


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_two_hash_seeds_give_the_same_bytes(version: str, tmp_path: Path) -> None:
    first = _trace(version, 1, tmp_path / "first")
    assert len(first.splitlines()) > 300
    assert first == _trace(version, 4242, tmp_path / "second")
