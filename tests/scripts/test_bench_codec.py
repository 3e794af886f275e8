"""The gate on the cost of the codec: it counts what it says, and it can fail."""

import importlib.machinery
import importlib.util
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "bench_codec"


def load() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("bench_codec", str(SCRIPT))
    specification = importlib.util.spec_from_loader("bench_codec", loader)
    assert specification is not None
    module = importlib.util.module_from_spec(specification)
    loader.exec_module(module)
    return module


bench_codec = load()


@pytest.mark.parametrize(
    ("count", "worse"),
    [(100_000, False), (104_900, False), (105_100, True), (200_000, True), (80_000, False)],
)
def test_what_has_become_worse_by_more_than_the_tolerance_fails(count: int, worse: bool) -> None:
    ((sentence, failed),) = bench_codec.verdicts({"1.6 MeterValues": 100_000}, {"1.6 MeterValues": count})

    assert failed is worse
    assert str(count) in sentence


def test_a_message_without_a_kept_count_fails_and_says_how_to_keep_one() -> None:
    ((sentence, failed),) = bench_codec.verdicts({}, {"2.1 TransactionEvent": 1})

    assert failed
    assert "--keep" in sentence


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_counts_of_another_python_are_not_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_codec, "environment_name", lambda: "2.7 vax")

    assert bench_codec.gate(keep=False) == 2
    assert "no counts are kept for Python 2.7 vax" in capsys.readouterr().err


def test_without_valgrind_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)

    assert bench_codec.gate(keep=False) == 2
    assert "valgrind is not installed" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
@pytest.mark.timeout(180)
def test_an_exchange_costs_no_more_instructions_than_before() -> None:
    if bench_codec.environment_name() not in tomllib.loads(bench_codec.KEPT.read_text()):
        pytest.skip(f"no counts are kept for Python {bench_codec.environment_name()}")

    done = subprocess.run([sys.executable, str(SCRIPT), "--instructions"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
