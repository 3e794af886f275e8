"""The tables of docs/conformance, made of what the tests have shown.

`scripts/conformance` runs the tests with `--conformance-report DIRECTORY`; this notes which test carries what, and how it
ended. A case or requirement without a test stands there as open.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
VERSIONS = ("1.6", "2.0.1", "2.1")
_WORD = {"passed": "passed", "failed": "failed", "skipped": "not applicable"}


class Report:
    """What the tests of one run have shown."""

    def __init__(self) -> None:
        self.traps: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "traps.toml").read_text())
        self._named = {test for trap in self.traps.values() for test in trap.get("tests", ())}
        self.marks: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {}
        self.outcomes: dict[str, tuple[str, str]] = {}

    def collect(self, items: Iterable[pytest.Item]) -> None:
        """Note the marks of every test that has any, or that a trap names."""
        for item in items:
            cases = tuple(str(mark.args[0]) for mark in item.iter_markers("case"))
            requirements = tuple(str(argument) for mark in item.iter_markers("req") for argument in mark.args)
            if cases or requirements or _function_of(item.nodeid) in self._named:
                self.marks[item.nodeid] = (cases, requirements, version_of(item))

    def note(self, report: pytest.TestReport) -> None:
        """Note how a test ended."""
        if report.nodeid not in self.marks or (report.when != "call" and report.outcome == "passed"):
            return
        reason = ""
        if report.skipped and isinstance(report.longrepr, tuple):
            reason = str(report.longrepr[2]).removeprefix("Skipped: ").removeprefix("not applicable: ")
        self.outcomes[report.nodeid] = (report.outcome, reason)

    # --- tables --------------------------------------------------------------------------------------------------------

    def cases(self) -> str:
        """Each case of the core blocks with its result."""
        wanted = tomllib.loads((FOLDER / "ids" / "cases.toml").read_text())
        why_open: dict[str, str] = tomllib.loads((FOLDER / "ids" / "open.toml").read_text())
        shown: dict[tuple[str, str], list[str]] = {}
        for nodeid, (cases, _requirements, version) in self.marks.items():
            for case in cases:
                for one in [version] if version else ["2.0.1", "2.1"]:
                    shown.setdefault((one, case), []).append(nodeid)
        lines = ["# Certification cases", ""]
        lines += [
            "Made by `scripts/conformance` of the tests in `tests/conformance`. One test stands for one case.",
            "",
        ]
        body: list[str] = []
        for version in VERSIONS:
            count = {"passed": 0, "not applicable": 0, "failed": 0, "open": 0}
            rows = []
            for case in wanted[version]:
                word, remark = self._result(shown.get((version, case), []))
                remark = remark or (why_open.get(case, "") if word == "open" else "")
                count[word] += 1
                rows.append(f"| {case} | {word} | {remark} |")
            lines.append(
                f"- **{version}**: {len(wanted[version])} cases: "
                + ", ".join(f"{n} {word}" for word, n in count.items() if n)
            )
            body += ["", f"## {version}", "", "| case | result | remark |", "|---|---|---|", *rows]
        return "\n".join([*lines, *body]) + "\n"

    def requirements(self) -> str:
        """Each requirement of the core blocks with what shows it, or why it does not bind the station."""
        wanted = tomllib.loads((FOLDER / "ids" / "requirements.toml").read_text())
        reasons: dict[str, str] = {}
        for file in sorted((FOLDER / "requirements").glob("*.toml")):
            found = tomllib.loads(file.read_text())
            reasons |= {key: value for key, value in found.items() if isinstance(value, str)}
        shown: dict[str, list[str]] = {}
        for nodeid, (_cases, requirements, _version) in self.marks.items():
            if self.outcomes.get(nodeid, ("", ""))[0] == "passed":
                for requirement in requirements:
                    shown.setdefault(requirement, []).append(nodeid)
        lines = [
            "# Requirements",
            "",
            "Made by `scripts/conformance`: the requirement, and a test that shows it or the reason why it binds no station of this kind.",
            "",
        ]
        body: list[str] = []
        for version in ("2.0.1", "2.1"):
            counted = {"shown": 0, "reason": 0, "open": 0}
            body += ["", f"## {version}", "", "| requirement | shown by, or reason |", "|---|---|"]
            for ids in wanted[version]["station"].values():
                for requirement in ids:
                    tests = shown.get(requirement)
                    text = _short(tests) if tests else reasons.get(requirement, "**open**")
                    counted["shown" if tests else "reason" if requirement in reasons else "open"] += 1
                    body.append(f"| {requirement} | {text} |")
            apart = sum(len(ids) for ids in wanted[version]["csms"].values())
            lines.append(
                f"- **{version}**: {counted['shown']} shown by a test, {counted['reason']} with a reason, {counted['open']} open; "
                f"{apart} more bind the CSMS alone"
            )
        return "\n".join([*lines, *body]) + "\n"

    def trap_list(self) -> str:
        """Each trap with how its tests have ended, or why it has none."""
        outcomes: dict[str, set[str]] = {}
        for nodeid, (outcome, _reason) in self.outcomes.items():
            outcomes.setdefault(_function_of(nodeid), set()).add(outcome)
        rows, failed = [], 0
        for name, trap in self.traps.items():
            tests = trap.get("tests", ())
            wrong = [test for test in tests if "failed" in outcomes.get(test, {"failed"})]
            failed += bool(wrong)
            word = "failed" if wrong else "shown" if tests else "not there"
            shown = ", ".join(f"`{test}`" for test in tests)
            rows.append(
                f"| {name} | {trap['title']} | {word} | {' '.join(filter(None, (trap.get('reason', ''), shown)))} |"
            )
        with_tests = sum(bool(trap.get("tests")) for trap in self.traps.values())
        lines = [
            "# Traps",
            "",
            "Made by `scripts/conformance` of `tests/conformance/traps.toml`: where other stations trip, and what shows that "
            "this one does not.",
            "",
            f"- {len(self.traps)} traps: {with_tests} with tests ({failed} of them failed), "
            f"{len(self.traps) - with_tests} with a reason alone",
            "",
            "| trap | what it is | | reason, and tests |",
            "|---|---|---|---|",
        ]
        return "\n".join([*lines, *rows]) + "\n"

    def _result(self, nodeids: list[str]) -> tuple[str, str]:
        if not nodeids:
            return "open", ""
        outcomes = [self.outcomes.get(nodeid, ("failed", "did not run")) for nodeid in nodeids]
        for word in ("failed", "skipped", "passed"):
            for outcome, reason in outcomes:
                if outcome == word:
                    return _WORD[word], reason
        return "open", ""


def _function_of(nodeid: str) -> str:
    """The test of a node as the list of traps names it: below tests/, without parameters."""
    return nodeid.partition("[")[0].removeprefix("tests/")


def _short(nodeids: list[str]) -> str:
    tests = sorted({_function_of(nodeid) for nodeid in nodeids})
    more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
    return f"`{tests[0]}`{more}"


def version_of(item: pytest.Item) -> str:
    """The OCPP version that a test runs in; "" where its folder says both 2.x versions."""
    parts = item.path.parts
    if "v16" in parts:
        return "1.6"
    if "v21" in parts:
        return "2.1"
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("version", "")) if callspec is not None else ""
