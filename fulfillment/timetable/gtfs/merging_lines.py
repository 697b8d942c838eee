"""A feed's routes and calendars, and the county's lines and calendars.

A line the county knows keeps its kind, fee, cut-off and whatever else only our x_lines.txt can say. A calendar that means the
same days as before stays as it is written.
"""

from typing import Any

from sqlmodel import Session

from fulfillment.network.models import Line, ServiceCalendar

from .codes import Codes
from .columns import defaults_of, x_file
from .extras import Extras
from .feed import Feed, Service
from .merging import existing, merge, resolve
from .report import Report
from .service_days import days_of, days_of_service

INKS = 8  # colours of number plates


def merge_lines(session: Session, feed: Feed, extras: Extras, codes: Codes, report: Report) -> set[str]:
    """Codes of lines that were there and changed."""
    known = existing(session, Line, codes.tenant_id)
    position = max((row["position"] for row in known.values()), default=-1) + 1
    boarded = {trip.route for trip in feed.trips if any(call.open for call in trip.calls)}
    used = {trip.route for trip in feed.trips}
    rows, seen = [], dict[str, str]()
    for route in feed.routes.values():
        code = codes.own(Line, route.id)
        values: dict[str, Any] = {"code": code, "number": route.number, "name": route.name, "operator": route.operator}
        if (extra := extras.of(Line).get((route.id,))) is not None:
            values = (resolve(codes, Line, extra, report) or {}) | values
        if (code,) not in known:
            own = {"kind": route.kind, "mode": route.mode, "position": position, "ink": position % INKS + 1}
            if route.id in used and route.id not in boarded:
                own["published"] = False
                report.note("not_announced", "routes.txt", route.line, "", f"nobody may board {route.id!r} anywhere; it is not announced")
            values, position = own | values, position + 1
        if code in seen:
            report.error("duplicate", "routes.txt", route.line, "route_id", f"{route.id!r} and {seen[code]!r} would both be {code!r}")
        seen[code] = route.id
        rows.append((route.line, values))
    for (code,), row in extras.of(Line).items():
        if code not in feed.routes:
            report.warning("no_such_route", x_file(Line), row.line, "code", f"routes.txt has no {code!r}; the line was left out")
    return {code for (code,) in merge(session, Line, codes.tenant_id, rows, report, codes)}


def merge_calendars(session: Session, feed: Feed, extras: Extras, codes: Codes, report: Report) -> set[str]:
    """Codes of calendars that were there and changed."""
    known = existing(session, ServiceCalendar, codes.tenant_id)
    rows = []
    for service in feed.services.values():
        days, values = days_of_service(service), _standard(service)
        extra = extras.of(ServiceCalendar).get((service.id,))
        there = known.get((service.id,))
        if extra is not None and days_of(_calendar({**values, **extra.values})) == days:
            values |= extra.values
        elif extra is not None:
            report.warning(
                "says_otherwise", x_file(ServiceCalendar), extra.line, "code",
                f"{service.id!r} runs on other days in calendar.txt and calendar_dates.txt; those were taken",
            )  # fmt: skip
        elif there is not None and days_of(_calendar(there)) == days:
            values = {}
        rows.append((service.line, {**values, "code": service.id}))
    for (code,), row in extras.of(ServiceCalendar).items():
        if code not in feed.services:
            report.warning(
                "no_such_service", x_file(ServiceCalendar), row.line, "code", f"no calendar is called {code!r}; the line was left out"
            )
    return {code for (code,) in merge(session, ServiceCalendar, codes.tenant_id, rows, report, codes)}


def _calendar(values: Any) -> ServiceCalendar:
    known = ServiceCalendar.model_fields
    return ServiceCalendar(**{"tenant_id": 0, **{k: v for k, v in values.items() if k in known}})


def _standard(service: Service) -> dict[str, Any]:
    return defaults_of(ServiceCalendar) | {
        "weekdays": service.weekdays, "starts_on": service.starts_on, "ends_on": service.ends_on,
        "added": [day.isoformat() for day in service.added], "removed": [day.isoformat() for day in service.removed],
    }  # fmt: skip
