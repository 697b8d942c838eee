"""Small feeds written by hand, and a county that has nothing but its rules to take them in."""

import csv
import io
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import select
from sqlmodel import Session, delete

from core import clock
from core.settings import ROOT
from core.tenant import Tenant, forget_tenants
from fulfillment.timetable.gtfs.columns import BOOKKEEPING, exchanged_models, table_of
from fulfillment.timetable.gtfs.exporting import export_feed
from fulfillment.timetable.gtfs.importing import FeedRefused, import_feed, read_file
from fulfillment.timetable.gtfs.report import Report, Severity
from fulfillment.timetable.models import Departure
from supply.counties.models import County
from supply.counties.policy import to_policy
from supply.counties.profile_county import read_county
from supply.counties.profile_rules import CountyProfile
from supply.stations.models import Node, Station

AGENCY = "agency_id,agency_name,agency_url,agency_timezone\na,渡运公司,http://example.org,Asia/Shanghai\n"
STOPS = "stop_id,stop_name,stop_lat,stop_lon\nA,大码头,29.1,121.1\nB,小岛,29.2,121.2\nC,山口,29.3,121.3\n"
ROUTES = "route_id,agency_id,route_short_name,route_long_name,route_type\nr1,a,1,海线,4\nr2,a,2,山线,3\n"
CALENDAR = (
    "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "all,1,1,1,1,1,1,1,20240101,20291231\n"
    "work,1,1,1,1,1,0,0,20240101,20291231\n"
)
DATES = "service_id,date,exception_type\nwork,20260523,1\nwork,20260521,2\n"
TRIPS = "route_id,service_id,trip_id,direction_id,block_id\nr1,all,t1,1,b1\nr1,work,t2,0,b1\nr2,all,t3,,\n"
STOP_TIMES = (
    "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type\n"
    "t1,06:00:00,06:05:00,B,1,0\nt1,06:40:00,06:40:00,A,5,0\n"
    "t2,8:00:00,8:00:00,A,1,0\nt2,08:35:00,08:35:00,B,2,0\n"
    "t3,23:50:00,23:50:00,A,1,0\nt3,24:20:00,24:22:00,C,2,3\nt3,25:10:00,25:10:00,B,3,0\n"
)
TRANSFERS = "from_stop_id,to_stop_id,from_route_id,to_route_id,from_trip_id,to_trip_id,transfer_type,min_transfer_time"
SMALL = {
    "agency.txt": AGENCY, "stops.txt": STOPS, "routes.txt": ROUTES, "calendar.txt": CALENDAR, "calendar_dates.txt": DATES,
    "trips.txt": TRIPS, "stop_times.txt": STOP_TIMES,
}  # fmt: skip


def small(**changed: str | None) -> dict[str, str | bytes]:
    """The small feed with tables replaced by name without `.txt`, or left out (None)."""
    tables = {**SMALL, **{f"{name}.txt": text for name, text in changed.items()}}
    return {name: text for name, text in tables.items() if text is not None}


def zipped(path: Path, tables: dict[str, str | bytes]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            archive.writestr(name, text)
    return path


def table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows, ""])


@lru_cache(maxsize=1)
def _rules() -> CountyProfile:
    rules = read_county(ROOT / "data" / "counties" / "ninghai", [])
    assert rules is not None
    return rules


def empty_county(session: Session, code: str = "bare", prefix: str = "ba") -> County:
    """A county with its rules and no rows at all."""
    tenant = Tenant(code=code, name="空县", created_at=clock.now())
    session.add(tenant)
    session.flush()
    forget_tenants()
    policy = to_policy(_rules()._replace(code=code, prefix=prefix, name="空县", brand="空县集市"))
    county = County(id=tenant.id or 0, code=code, name="空县", region="浙江省空县", brand="空县集市", policy=policy)
    session.add(county)
    session.flush()
    return county


def take(session: Session, county: County, path: Path, **more: bool) -> Report:
    """Import a feed that must be taken."""
    report = Report()
    try:
        import_feed(session, county, read_file(path, report), report, **more)
    except FeedRefused:
        raise AssertionError("\n".join(map(str, report.findings))) from None
    session.flush()
    return report


def refused(path: Path) -> list[str]:
    """Errors of a file that must not be taken: `file:line:column`."""
    report = Report()
    try:
        read_file(path, report)
    except FeedRefused:
        return [f"{f.file}:{f.line}:{f.column}" for f in report.findings if f.severity == Severity.ERROR]
    raise AssertionError("the feed was taken")


def exported(session: Session, county: County, path: Path) -> dict[str, list[dict[str, str]]]:
    """The tables of a county's feed."""
    export_feed(session, county, path)
    with ZipFile(path) as archive:
        return {name: list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline=""))) for name in archive.namelist()}


def rows(session: Session, county: County) -> dict[str, list[dict[str, Any]]]:
    """Every exchanged column of every exchanged row, keys as codes, in an order of their own."""
    found, codes = {}, {}
    for model in exchanged_models():
        its = list(session.execute(select(table_of(model)).where(table_of(model).c.tenant_id == county.id)).mappings())
        codes[table_of(model)] = {row["id"]: row["code"] for row in its if "id" in row and "code" in row}
        found[model] = its
    told = {}
    for model, its in found.items():
        refers = {c.name: next(iter(c.foreign_keys)).column.table for c in table_of(model).columns if c.foreign_keys}
        plain = [
            {k: codes[refers[k]].get(v) if k in refers else v for k, v in row.items() if k not in BOOKKEEPING} for row in its
        ]  # fmt: skip
        told[table_of(model).name] = sorted(plain, key=repr)
    return told


def emptied(session: Session, county: County) -> None:
    """The county without anything that a feed brings."""
    session.exec(delete(Departure))
    session.exec(delete(Station))
    for model in reversed(exchanged_models()):
        if model is Node:
            session.exec(Node.__table__.update().values(served_by_id=None))
        session.exec(delete(model))
    session.expire_all()
