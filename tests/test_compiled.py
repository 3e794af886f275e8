"""A wheel whose busiest modules are compiled behaves as the Python that it was made of."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SUITES = (
    "conformance/v16/test_e_transactions.py",
    "profiles/transactions",
    "profiles/meter_values",
    "chargepoint/link/test_connection.py",
)

can_compile = pytest.mark.skipif(
    shutil.which("cc") is None or not (Path(sysconfig.get_path("include")) / "Python.h").exists(),
    reason="no C compiler, or no headers of Python",
)


def run(*arguments: str, cwd: Path, **environment: str) -> str:
    finished = subprocess.run(
        arguments, cwd=cwd, capture_output=True, text=True, env={**os.environ, **environment}, check=False
    )
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return finished.stdout


@can_compile
@pytest.mark.timeout(900)
def test_compiled_modules_pass_the_tests_of_their_sources(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    wheel = (*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT))
    run(*wheel, cwd=tmp_path, CHARGEPOINT_COMPILE="1")
    (made,) = tmp_path.glob("chargepoint-*.whl")
    assert "none-any" not in made.name
    installed = tmp_path / "installed"
    run(*pip, "install", "--no-deps", "--target", str(installed), str(made), cwd=tmp_path)
    path = str(installed)
    where = run(
        sys.executable,
        "-c",
        "import profiles.charging_station as it; print(it.__file__)",
        cwd=tmp_path,
        PYTHONPATH=path,
    )
    assert where.startswith(path)
    assert ".py" not in where
    for version in ("1.6", "2.0.1", "2.1"):
        demo = (sys.executable, "-m", "chargepoint", "demo", "--once", "--json", "--ocpp", version)
        assert '"energy_watt_hour"' in run(*demo, cwd=tmp_path, PYTHONPATH=path)
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    tests = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/{suite}" for suite in SUITES))
    assert " passed" in run(*tests, cwd=tmp_path, PYTHONPATH=path)
