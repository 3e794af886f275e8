"""Builds a wheel in which the busiest modules are compiled by mypyc: the same station, for less processor time. Off by default.

    CHARGEPOINT_COMPILE=1 pip install .          # needs a C compiler and Python's headers

Without it, or where no wheel was built so, the very same modules run as Python. A module belongs here when it is on the way of every
message. Not here: those that declare msgspec records, whose options mypyc would drop.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SWITCH = "CHARGEPOINT_COMPILE"
REQUIREMENTS = ("mypy>=2,<3", "setuptools>=70")
MODULES = (
    "chargepoint/dialects/dialect.py",
    "chargepoint/fleet/gauging.py",
    "chargepoint/fleet/measure/histogram.py",
    "chargepoint/fleet/measure/tally.py",
    "chargepoint/hardware/hardware.py",
    "chargepoint/hardware/meter_poll.py",
    "chargepoint/hardware/power_path.py",
    "chargepoint/link/connection.py",
    "chargepoint/link/conversation.py",
    "chargepoint/link/frame.py",
    "chargepoint/link/observer.py",
    "chargepoint/link/outbox.py",
    "chargepoint/parts.py",
    "chargepoint/rpc/received.py",
    "chargepoint/rpc/session.py",
    "chargepoint/station/clock.py",
    "chargepoint/station/device_model/catalogue.py",
    "chargepoint/station/device_model/values.py",
    "chargepoint/station/evse.py",
    "chargepoint/station/nothing.py",
    "chargepoint/station/service.py",
    "chargepoint/station/station.py",
    "chargepoint/station/timers.py",
    "chargepoint/store/image.py",
    "chargepoint/store/memory.py",
    "chargepoint/wire/codec.py",
    "chargepoint/wire/timestamp.py",
    "hal/sim/contactor.py",
    "hal/sim/evse.py",
    "hal/sim/flow.py",
    "hal/sim/meter_device.py",
    "hal/sim/plug.py",
    "hal/sim/power_path.py",
    "hal/sim/world.py",
    "profiles/availability/operability.py",
    "profiles/availability/service.py",
    "profiles/availability/v16.py",
    "profiles/charging_station.py",
    "profiles/common_v16.py",
    "profiles/common_v201.py",
    "profiles/meter_values/choice.py",
    "profiles/meter_values/sampling.py",
    "profiles/meter_values/service.py",
    "profiles/provisioning/network_profile.py",
    "profiles/provisioning/service.py",
    "profiles/provisioning/v16.py",
    "profiles/reservation/service.py",
    "profiles/service.py",
    "profiles/smart_charging/service.py",
    "profiles/transactions/answers.py",
    "profiles/transactions/charging.py",
    "profiles/transactions/resumption.py",
    "profiles/transactions/service.py",
    "profiles/transactions/session.py",
    "profiles/transactions/telling.py",
    "profiles/transactions/v16.py",
    "profiles/transactions/v201.py",
)
_SETUP = """
import sys
from mypyc.build import mypycify
from setuptools import setup
setup(
    name="chargepoint",
    packages=[],
    py_modules=[],
    ext_modules=mypycify(sys.argv[1:], opt_level="1", debug_level="0", multi_file=True),
    script_args=["--quiet", "build_ext", "--inplace", "--parallel", "2"],
)
"""


class CompileHook(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel, when `SWITCH` is set in the environment."""

    def dependencies(self) -> list[str]:
        """What the build environment needs besides."""
        if not _wanted():
            return []
        return [*REQUIREMENTS, *self.metadata.core.dependencies]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, where it is wanted. An editable installation stays as it is: it has to follow its sources."""
        if not _wanted() or version == "editable":
            return
        folder = Path(tempfile.mkdtemp(prefix="chargepoint-"))
        for made in compile_into(folder, Path(self.root)):
            build_data["force_include"][str(made)] = str(made.relative_to(folder))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def _wanted() -> bool:
    return os.environ.get(SWITCH, "") not in ("", "0")


def compile_into(folder: Path, root: Path) -> list[Path]:
    """Copy the packages to a folder and compile `MODULES` there. Returns the shared objects.

    Raises: SystemExit: mypyc or the compiler has failed; what they say has been printed.
    """
    for package in ("chargepoint", "hal", "profiles"):
        shutil.copytree(root / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    shutil.copy(root / "pyproject.toml", folder)  # mypy's options
    done = subprocess.run([sys.executable, "-c", _SETUP, *MODULES], cwd=folder, check=False)
    if done.returncode:
        raise SystemExit(f"the modules could not be compiled; without {SWITCH} they are installed as they are")
    return sorted(path for path in folder.rglob("*.so") if "build" not in path.relative_to(folder).parts)
