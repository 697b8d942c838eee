"""Which days a service calendar runs on, and a line that people opened or closed by hand: the rules are `supply.counties.service_days`'."""

from datetime import date

from fulfillment.network.models import ServiceCalendar, Trip
from supply.counties.service_days import Days, Market, YearSpan


def days_of(calendar: ServiceCalendar) -> Days:
    """The calendar's rules as they are reckoned with."""
    return Days(
        weekdays=tuple(bool(calendar.weekdays >> n & 1) for n in range(7)),
        months=calendar.months,
        starts=calendar.starts_on,
        ends=calendar.ends_on,
        seasons=[YearSpan((a, b), (c, d)) for a, b, c, d in calendar.seasons],
        market=Market(bool(calendar.market[0]), tuple(calendar.market[1:])) if calendar.market else None,
        every=calendar.every_days,
    )


def runs_on(calendar: ServiceCalendar, day: date, *, opened: bool | None = None, days: Days | None = None) -> bool:
    """Whether something of this calendar runs: an added day always, a removed one never, else by season and rhythm.

    opened: what people ruled for its line on this day. False: it does not run. True: its season is open whatever the calendar
    says, on the weekdays and market days it keeps. days: its `days_of`, for whoever asks of many days.
    """
    if opened is False:
        return False
    iso = day.isoformat()
    if iso in calendar.added:
        return True
    if iso in calendar.removed:
        return False
    days = days or days_of(calendar)
    return (bool(opened) or days.in_season(day)) and days.in_rhythm(day)


def stands_on(trip: Trip, day: date) -> bool:
    """Whether the row is the timetable's on this day: a run that was changed is one row until then and another from then on."""
    return (trip.runs_from is None or day >= trip.runs_from) and (trip.runs_until is None or day <= trip.runs_until)
