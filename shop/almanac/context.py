"""What every page of the shop is told besides its own matter: the county, and the line of the day under the masthead."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import Request
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from core import clock, db, i18n
from core.settings import settings
from core.tenant import TenantUnknown
from core.web import provide
from fulfillment.network.models import Line
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.counties.deps import current_county
from supply.counties.models import County

from .carriage import carriage, searches
from .terms import almanac_day

KEPT_S = 30.0
CARRIERS = ("bus", "coach", "ferry")
_counted: dict[tuple[str, int], tuple[float, int]] = {}


class Dateline(NamedTuple):
    term: str
    lunar: str
    day: str
    buses_left: int


@provide
def shop_context(request: Request) -> Mapping[str, Any]:
    """`county` and `dateline`, both none where the host names no county; `carriage` and `searches`, the county's words."""
    try:
        county = current_county(request)
    except TenantUnknown:
        return {"county": None, "dateline": None, "carriage": carriage(None), "searches": searches(None)}
    today = clock.today()
    almanac = almanac_day(today)
    weekday = (i18n.ENGLISH_WEEKDAYS if i18n.locale() == "en" else i18n.WEEKDAYS)[today.weekday()]
    day = f"{today.day} {today:%b}, {weekday}" if i18n.locale() == "en" else f"{today.month} 月 {today.day} 日 {weekday}"
    lunar = "" if i18n.locale() == "en" else almanac.lunar
    return {
        "county": county, "dateline": Dateline(almanac.words, lunar, day, buses_left(county)),
        "carriage": carriage(county), "searches": searches(county),
    }  # fmt: skip


def buses_left(county: County) -> int:
    """Runs with passengers that still leave today; counted again every half minute."""
    key = (settings.url, county.id)
    at, count = _counted.get(key, (-KEPT_S, 0))
    if time.monotonic() - at > KEPT_S:
        try:
            with db.reading() as session:
                count = _count(session, county.id)
        except DBAPIError:
            return count
        if len(_counted) > 100:
            _counted.clear()
        _counted[key] = (time.monotonic(), count)
    return count


def _count(session: Session, tenant_id: int) -> int:
    found = session.exec(
        select(func.count(col(Departure.id)))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(
            Departure.tenant_id == tenant_id, Departure.service_date == clock.today(), col(Departure.starts_at) > clock.now(),
            col(Departure.status) != DepartureStatus.CANCELLED, col(Line.kind).in_(CARRIERS), col(Line.published).is_(True),
        )
    )  # fmt: skip
    return int(found.one())
