"""The days a calendar runs on, so that a feed's calendar and ours can be compared by what they mean, not by how they say it."""

from datetime import date, timedelta

from fulfillment.network.models import ServiceCalendar
from fulfillment.timetable import calendar as calendars

from .feed import Service

CENTURY = timedelta(days=36_525)  # a calendar that runs longer is compared and written out that far


def span_of(starts: date, ends: date) -> tuple[date, date]:
    """First and last day that are looked at."""
    far = starts + CENTURY if starts < date.max - CENTURY else date.max
    return starts, min(ends, far)


def days_of(calendar: ServiceCalendar) -> set[date]:
    """As fulfillment.timetable.calendar says, within the span and on the days added."""
    first, last = span_of(calendar.starts_on, calendar.ends_on)
    inside, days = (first + timedelta(days=n) for n in range((last - first).days + 1)), calendars.days_of(calendar)
    return {day for day in (*inside, *map(date.fromisoformat, calendar.added)) if calendars.runs_on(calendar, day, days=days)}


def days_of_service(service: Service) -> set[date]:
    first, last = span_of(service.starts_on, service.ends_on)
    return (weekday_days(service.weekdays, first, last) - set(service.removed)) | set(service.added)


def weekday_days(mask: int, first: date, last: date) -> set[date]:
    """Days of the weekdays in the mask (bit 0 = Monday) from first to last."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day for day in days if mask >> day.weekday() & 1}
