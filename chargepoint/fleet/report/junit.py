"""The report as JUnit XML, as continuous integration reads it: each service level is a test case, what went wrong is its output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from chargepoint.fleet.report.text import render_text
from chargepoint.log import timestamp

if TYPE_CHECKING:
    from chargepoint.fleet.report.report import Report

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may contain, not even escaped (XML 1.0 §2.2)."""


def render_junit(report: Report) -> str:
    """One suite: a case for each service level, and one for the run: it came to its end with all its stations, and some were accepted."""
    missed = sum(not result.met for result in report.levels) + (report.trouble is not None)
    time = f"{report.duration_second:.3f}"
    figures = {"tests": str(len(report.levels) + 1), "failures": str(missed), "errors": "0", "skipped": "0"}
    suites = Xml.Element("testsuites", {"name": _clean(report.name), **figures, "time": time})
    when = timestamp(report.begin_wall).removesuffix("Z")
    suite = Xml.SubElement(
        suites, "testsuite", {"name": _clean(report.name), **figures, "time": time, "timestamp": when}
    )
    properties = Xml.SubElement(suite, "properties")
    for name, value in (
        ("program", report.program),
        ("seed", str(report.seed)),
        ("stations", str(report.stations)),
        ("time", report.time),
        *((f"warning {n}", sentence) for n, sentence in enumerate(report.warnings, 1)),
    ):
        Xml.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    classname = f"fleet.{_clean(report.name)}"
    for result in report.levels:
        case = Xml.SubElement(
            suite, "testcase", {"classname": classname, "name": _clean(result.level.text), "time": "0"}
        )
        if not result.met:
            kind = "not measured" if result.measured is None else "missed"
            Xml.SubElement(case, "failure", {"type": kind, "message": _clean(str(result))}).text = _clean(str(result))
    case = Xml.SubElement(suite, "testcase", {"classname": classname, "name": "the run came to its end", "time": time})
    if report.trouble is not None:
        sentence = _clean(report.trouble)
        kind = "missing" if report.missing else "unserved" if report.unserved is not None else "deserted"
        Xml.SubElement(case, "failure", {"type": kind, "message": sentence}).text = sentence
    said = "\n".join(
        f"{incident.count} × {incident.sentence} (first after {incident.first_second:.0f} s"
        + (f", at {', '.join(incident.stations)})" if incident.stations else ")")
        for incident in report.incidents
    )
    Xml.SubElement(suite, "system-out").text = _clean(
        f"{said}\n\n{render_text(report)}" if said else render_text(report)
    )
    Xml.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(suites, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
