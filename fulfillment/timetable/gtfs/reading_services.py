"""Calendars: calendar.txt and calendar_dates.txt, either of which may be missing."""

from datetime import date
from typing import NamedTuple

from .feed import Feed, Service
from .report import Report
from .tables import Row, Tables
from .times import read_date

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ADDED, REMOVED = "1", "2"


class _Week(NamedTuple):
    mask: int
    starts: date
    ends: date
    line: int


def read_services(tables: Tables, feed: Feed, report: Report) -> None:
    """A service with dates only spans from its first to its last, with no weekday of its own."""
    weeks = _weeks(tables, report)
    dates = _dates(tables, report)
    for service in sorted(weeks.keys() | dates.keys()):
        days = dates.get(service, {})
        added = tuple(sorted(day for day, (kind, _) in days.items() if kind == ADDED))
        removed = tuple(sorted(day for day, (kind, _) in days.items() if kind == REMOVED))
        first = min(days, default=date.min)
        week = weeks.get(service) or _Week(0, first, max(days, default=first), next(iter(days.values()))[1])
        feed.services[service] = Service(service, week.mask, week.starts, week.ends, added, removed, week.line)
        if not week.mask and not added:
            file = "calendar.txt" if service in weeks else "calendar_dates.txt"
            report.warning("never_runs", file, week.line, "service_id", f"{service!r} runs on no day")


def _weeks(tables: Tables, report: Report) -> dict[str, _Week]:
    found: dict[str, _Week] = {}
    for row in tables.rows("calendar.txt", needs=("service_id", *DAYS, "start_date", "end_date")):
        service = row["service_id"]
        if service in found:
            report.error("duplicate", row.file, row.line, "service_id", f"{service!r} is there twice")
            continue
        for day in DAYS:
            if row[day] not in ("0", "1"):
                report.error("bad_value", row.file, row.line, day, f"{row[day]!r} is neither 0 nor 1")
        starts, ends = _date(row, "start_date", report), _date(row, "end_date", report)
        if starts and ends and starts > ends:
            report.error("bad_value", row.file, row.line, "end_date", f"{service!r} ends before it starts")
        mask = sum(1 << n for n, day in enumerate(DAYS) if row[day] == "1")
        found[service] = _Week(mask, starts or date.min, ends or date.max, row.line)
    return found


def _dates(tables: Tables, report: Report) -> dict[str, dict[date, tuple[str, int]]]:
    """Per service and day the exception's kind and line."""
    found: dict[str, dict[date, tuple[str, int]]] = {}
    for row in tables.rows("calendar_dates.txt", needs=("service_id", "date", "exception_type")):
        if row["exception_type"] not in (ADDED, REMOVED):
            report.error("bad_value", row.file, row.line, "exception_type", f"{row['exception_type']!r} is neither 1 nor 2")
        day = _date(row, "date", report)
        if day is None:
            continue
        days = found.setdefault(row["service_id"], {})
        if day in days:
            report.error("duplicate", row.file, row.line, "date", f"{row['service_id']!r} has {row['date']} twice")
        days[day] = (row["exception_type"], row.line)
    return found


def _date(row: Row, column: str, report: Report) -> date | None:
    try:
        return read_date(row[column])
    except ValueError as fault:
        report.error("bad_value", row.file, row.line, column, str(fault))
        return None
