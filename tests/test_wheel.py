"""A wheel of the project installs and runs outside the checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: str, cwd: Path, environment: dict[str, str] | None = None) -> str:
    finished = subprocess.run(
        arguments, cwd=cwd, capture_output=True, text=True, env={**os.environ, **(environment or {})}, check=False
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    return finished.stdout


def test_a_wheel_charges_a_car_far_from_the_checkout(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT), cwd=tmp_path)
    (wheel,) = tmp_path.glob("chargepoint-*.whl")
    installed = tmp_path / "installed"
    run(*pip, "install", "--no-deps", "--target", str(installed), str(wheel), cwd=tmp_path)
    elsewhere = {"PYTHONPATH": str(installed)}
    where = run(
        sys.executable,
        "-c",
        "import chargepoint, hal, profiles; print(hal.__file__)",
        cwd=tmp_path,
        environment=elsewhere,
    )
    assert where.startswith(str(installed))
    assert (installed / "chargepoint" / "py.typed").exists()
    assert len(list((installed / "hal" / "maps").glob("*.toml"))) > 40
    summary = json.loads(
        run(
            sys.executable,
            "-m",
            "chargepoint",
            "demo",
            "--once",
            "--json",
            "--ocpp",
            "2.0.1",
            cwd=tmp_path,
            environment=elsewhere,
        )
    )
    assert summary["energy_watt_hour"] > 0
