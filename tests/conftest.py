"""What all tests share: the report of what the certification cases and requirements have shown."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.conformance.report import Report

settings.register_profile(
    "repeatable", derandomize=True, deadline=None
)  # the same examples in every run; no test asserts on time
settings.load_profile("repeatable")

_REPORT = pytest.StashKey[Report]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--conformance-report", metavar="DIRECTORY", help="write the tables of cases, requirements and traps there"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--conformance-report"):
        config.stash[_REPORT] = Report()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    report = config.stash.get(_REPORT, None)
    if report is not None:
        report.collect(items)
        items[:] = [item for item in items if item.nodeid in report.marks]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):  # type: ignore[no-untyped-def]  # a hook wrapper yields pluggy's result
    outcome = yield
    report = item.config.stash.get(_REPORT, None)
    if report is not None:
        report.note(outcome.get_result())


def pytest_sessionfinish(session: pytest.Session) -> None:
    report = session.config.stash.get(_REPORT, None)
    if report is not None:
        directory = Path(session.config.getoption("--conformance-report"))
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "cases.md").write_text(report.cases())
        (directory / "requirements.md").write_text(report.requirements())
        (directory / "traps.md").write_text(report.trap_list())
