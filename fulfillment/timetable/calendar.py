"""Which days a service calendar runs on: weekday and month within its span, then single days taken out and added."""

from datetime import date

from fulfillment.network.models import ServiceCalendar, Trip


def runs_on(calendar: ServiceCalendar, day: date) -> bool:
    """An added day always runs, a removed one never; otherwise span, weekday and month decide."""
    iso = day.isoformat()
    if iso in calendar.added:
        return True
    if iso in calendar.removed or not calendar.starts_on <= day <= calendar.ends_on:
        return False
    return bool(calendar.weekdays >> day.weekday() & 1) and day.month in calendar.months


def stands_on(trip: Trip, day: date) -> bool:
    """Whether the row is the timetable's on this day: a run that was changed is one row until then and another from then on."""
    return (trip.runs_from is None or day >= trip.runs_from) and (trip.runs_until is None or day <= trip.runs_until)
