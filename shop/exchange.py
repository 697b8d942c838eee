"""`jishi gtfs import` and `export`: the report in lines a person reads, or as JSON; exit code 2 when the file cannot be used,
1 when the county as it stands refuses it. Either way nothing was changed.
"""

import json
import sys
from pathlib import Path

from sqlmodel import Session

import shop.wiring  # noqa: F401 - who hears of departures that are cancelled
from core import db
from core.tenant import TenantUnknown, resolve
from fulfillment.timetable.gtfs.exporting import export_feed
from fulfillment.timetable.gtfs.importing import FeedRefused, import_feed, read_file
from fulfillment.timetable.gtfs.report import Report, Severity
from supply.counties.models import County

UNUSABLE, REFUSED = 2, 1


def import_file(file: Path, *, withdraw: bool, as_json: bool) -> int:
    """Read the file, then write it in one transaction; prints the report."""
    report, code = Report(), 0
    try:
        reading = read_file(file, report)
    except FeedRefused:
        code = UNUSABLE
    else:
        try:
            with db.writing() as session:
                import_feed(session, _county(session), reading, report, withdraw=withdraw)
        except FeedRefused:
            code = REFUSED
    print(json.dumps({"file": file.name, **report.as_json()}, ensure_ascii=False, indent=1) if as_json else _words(file, report))
    return code


def export_file(file: Path) -> int:
    with db.reading() as session:
        counts = export_feed(session, _county(session), file)
    print(f"{file}: {', '.join(f'{n} {name}' for name, n in counts.items() if n)}")
    return 0


def _county(session: Session) -> County:
    try:
        return session.get_one(County, resolve(session, "").id)
    except TenantUnknown:
        sys.exit("there is no county yet (or JISHI_COUNTY names none): run jishi county load CODE; a feed has no rules to trade by")


def _words(file: Path, report: Report) -> str:
    """Findings, worst first, then what changed in a line."""
    ranked = sorted(report.findings, key=lambda finding: list(Severity).index(finding.severity))
    lines = [str(finding) for finding in ranked] + report.unlisted()
    counts = ", ".join(f"{report.count(s)} {s}s" for s in Severity if report.count(s))
    if report.failed:
        return "\n".join([*lines, f"{file.name}: nothing was changed; {counts}"])
    changes = [
        f"{table} " + " ".join(f"{sign}{n}" for sign, n in zip(("+", "~", "-"), (c.added, c.changed, c.removed), strict=True) if n)
        for table, c in report.changes.items()
        if c.added or c.changed or c.removed
    ]
    done = (
        f"taken in: {', '.join(changes)} (+ added, ~ changed, - taken away)" if changes else "the county has all of it; nothing was changed"
    )
    return "\n".join([*lines, f"{file.name}: {done}" + (f"; {counts}" if counts else "")])
