"""Weather reports are made and withdrawn by people; what they threaten is reckoned each time (weather.py)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, or_, select

from core import audit, clock
from core.codes import new_code
from core.errors import NotFound, Refused
from fulfillment.network.models import Line, Trunk

from .models import Departure, WeatherReport
from .weather import Danger, Threat, threatened_sailings, threatened_trunks

LONGEST = timedelta(days=7)
STRONGEST, FARTHEST = 17, 50_000  # Beaufort as the typhoon scale goes on; metres


class ReportUnknown(NotFound):
    """No such report, or it was withdrawn."""

    code = "report_unknown"


class Outlook(NamedTuple):
    """A standing report with what it threatens."""

    report: WeatherReport
    sailings: list[Threat]
    trunks: list[Threat]

    def count(self, danger: str) -> int:
        return sum(threat.danger == danger for threat in (*self.sailings, *self.trunks))


def report_weather(
    session: Session, tenant_id: int, *, area: str, wind: int | None, visibility_m: int | None, starts_at: datetime, ends_at: datetime,
    note: str = "", by: str,
) -> WeatherReport:  # fmt: skip
    """Keep what the harbour said. Raises Refused, naming the field."""
    if area and area not in areas(session, tenant_id):
        raise Refused("没有线路走这片水面", field="area")
    if wind is None and visibility_m is None:
        raise Refused("风力和能见度至少填一样", field="wind")
    if wind is not None and not 0 <= wind <= STRONGEST:
        raise Refused("风力是 0 到 17 级", field="wind")
    if visibility_m is not None and not 0 <= visibility_m <= FARTHEST:
        raise Refused("能见度是 0 到 50000 米", field="visibility_m")
    if ends_at <= starts_at or ends_at <= clock.now():
        raise Refused("到什么时候，要晚于从什么时候，也晚于现在", field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise Refused("一条最多报七天", field="ends_at")
    report = WeatherReport(
        tenant_id=tenant_id, code=new_code("W"), area=area, wind=wind, visibility_m=visibility_m, starts_at=starts_at, ends_at=ends_at,
        note=note, reported_by=by, reported_at=clock.now(),
    )  # fmt: skip
    session.add(report)
    audit.record(session, "weather.report", tenant_id=tenant_id, actor=by, subject=report.code)
    session.flush()
    return report


def withdraw_report(session: Session, tenant_id: int, code: str, *, by: str) -> WeatherReport:
    """It no longer holds; withdrawing twice keeps the first. Raises ReportUnknown."""
    report = session.exec(select(WeatherReport).where(WeatherReport.tenant_id == tenant_id, WeatherReport.code == code)).first()
    if report is None:
        raise ReportUnknown("没有这条天气")
    if report.withdrawn_at is None:
        report.withdrawn_at, report.withdrawn_by = clock.now(), by
        session.add(report)
        audit.record(session, "weather.withdraw", tenant_id=tenant_id, actor=by, subject=code)
    return report


def standing_reports(session: Session, tenant_id: int) -> list[WeatherReport]:
    """Neither withdrawn nor over, the soonest first."""
    query = select(WeatherReport).where(
        WeatherReport.tenant_id == tenant_id, col(WeatherReport.ends_at) > clock.now(), col(WeatherReport.withdrawn_at).is_(None)
    )
    return list(session.exec(query.order_by(col(WeatherReport.starts_at), col(WeatherReport.id))).all())


def outlook(session: Session, tenant_id: int) -> list[Outlook]:
    """What stands and what it threatens; one query where nothing stands."""
    return [
        Outlook(report, threatened_sailings(session, tenant_id, report), threatened_trunks(session, tenant_id, report))
        for report in standing_reports(session, tenant_id)
    ]


def danger_of(session: Session, departure: Departure) -> Danger:
    """The worst that any standing report says of one departure."""
    threats = [t for r in standing_reports(session, departure.tenant_id) for t in threatened_sailings(session, departure.tenant_id, r)]
    mine = {threat.danger for threat in threats if threat.code == departure.code}
    return next((each for each in (Danger.OVER, Danger.RISK) if each in mine), Danger.NONE)


def areas(session: Session, tenant_id: int) -> list[str]:
    """Waters and stretches that lines and trunks name."""
    lines = select(Line.area).where(Line.tenant_id == tenant_id, Line.area != "")
    trunks = select(Trunk.area).where(Trunk.tenant_id == tenant_id, Trunk.area != "")
    return sorted({*session.exec(lines.distinct()), *session.exec(trunks.distinct())})


def minds_weather(session: Session, tenant_id: int) -> bool:
    """Whether any line or trunk of the county has a limit."""
    for table in (Line, Trunk):
        limit = or_(col(table.max_wind).is_not(None), col(table.min_visibility_m).is_not(None))
        if session.exec(select(col(table.id)).where(table.tenant_id == tenant_id, limit).limit(1)).first() is not None:
            return True
    return False
