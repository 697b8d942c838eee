"""A disruption whose process is killed between any two of its writes has not happened; done again it happens once."""

import ast
import re
import signal
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from core import clock, db
from core.permissions import Actor
from core.settings import ROOT
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.disruptions.closing import CloseStation
from fulfillment.disruptions.closures import Span
from fulfillment.disruptions.deed import apply
from fulfillment.disruptions.models import Closure, Disruption
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import issue
from fulfillment.timetable.models import Departure
from supply.counties.models import County
from supply.stations.models import Station
from tests.faults import giving, settling, sharing
from tests.faults.apart import Deed, done_apart
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.disruptions.accounting import account
from tests.fulfillment.disruptions.days import spare_vans
from tests.fulfillment.shipping import packed
from tests.fulfillment.web import county_with_roads

POINTS = ("plan.voided", "plan.placed", "disruption.roads", "disruption.written", "disruption.told")
OWN = {
    "cancel": (),
    "extra": ("extra.made",),
    "close": ("closing.redirected",),
    "end": ("closing.returned",),
}  # failpoints of one deed alone


def _disrupting(deed: str, code: str, *, demo: str = "1") -> AbstractContextManager[Deed]:
    return done_apart("tests.faults.disrupting", deed, code, "one key", JISHI_DEMO=demo)


@pytest.fixture
def run(database: str) -> str:
    """Three packed parcels on one bus, with its manifest; the bus's code."""
    with clock.at(NINE):
        rows = county_with_roads()
        with db.writing() as session:
            for _ in range(3):
                packed(session, rows)
            plan_day(session, rows.county, DAY)
            (departure,) = session.exec(select(Departure).join(PlannedLeg).distinct()).all()
            issue(session, departure)
            return departure.code


def _standing(session: Session) -> list[object]:
    """All that a disruption writes, as it stands."""
    legs = select(PlannedLeg.parcel_id, PlannedLeg.departure_id).where(col(PlannedLeg.voided_at).is_(None))
    plans, troubles = (session.exec(select(func.count()).select_from(table)).one() for table in (BatchPlan, Disruption))
    sheets = session.exec(select(Manifest.code, Manifest.voided_at).order_by(Manifest.code)).all()
    off = session.exec(select(Departure.code).where(Departure.status == "cancelled")).all()
    runs = session.exec(select(Departure.code).order_by(Departure.code)).all()
    ends = session.exec(select(Consignment.code, Consignment.to_node_id).order_by(Consignment.code)).all()
    closed = session.exec(select(Closure.code, Closure.lifted_by)).all()
    return [sorted(session.exec(legs).all()), plans, troubles, sheets, off, runs, ends, closed]


def _killed_then_done(deed: str, code: str) -> set[str]:
    """Killed at every failpoint it has not happened; done again, and again, it happens once. Returns all parcels there are."""
    with db.reading() as session:
        before, codes = _standing(session), set(session.exec(select(Parcel.code)).all())
    with _disrupting(deed, code) as run:
        for point in (*POINTS, *OWN[deed]):
            assert run(point) == (-signal.SIGKILL, ""), point
            with db.reading() as session:
                assert _standing(session) == before, point
                account(session, codes)
        done, again = run(""), run("")
    assert done[0] == 0
    assert done == again, "the second is the first one's answer"
    with db.reading() as session:
        account(session, codes)
    return codes


def test_killed_between_any_two_writes_it_has_not_happened_and_done_again_it_happens_once(run: str) -> None:
    _killed_then_done("cancel", run)
    with db.reading() as session:
        assert session.exec(select(Departure.status).where(Departure.code == run)).one() == "cancelled"
        assert len(session.exec(select(Disruption).where(Disruption.kind == "departure_cancelled")).all()) == 1
        assert len(session.exec(select(PlannedLeg).where(col(PlannedLeg.voided_at).is_(None))).all()) == 3


def test_an_extra_run_whose_process_is_killed_is_not_made_and_done_again_it_is_made_once(run: str) -> None:
    with clock.at(NINE), db.writing() as session:
        spare_vans(session, session.exec(select(Departure.tenant_id)).first() or 0)
    with db.reading() as session:
        runs = len(session.exec(select(Departure)).all())
    codes = _killed_then_done("extra", run)
    with db.reading() as session:
        assert len(session.exec(select(Departure)).all()) == runs + 1
        made = session.exec(select(Departure).join(PlannedLeg).where(col(PlannedLeg.voided_at).is_(None))).all()
        assert (len(made), len(codes), {d.code == run for d in made}) == (3, 3, {False})


def test_a_closing_whose_process_is_killed_has_not_begun_and_done_again_it_closes_once(run: str) -> None:
    with clock.at(NINE), db.writing() as session:
        to = session.exec(select(Station).order_by(col(Station.node_id).desc())).first()
        here = session.exec(select(Parcel)).first()
        assert to
        assert here
        code = session.exec(select(Station.code).where(Station.node_id == here.station_id)).one()
        session.exec(select(Consignment)).first().to_node_id = here.station_id  # type: ignore[union-attr]
    _killed_then_done("close", code)
    with db.reading() as session:
        assert len(session.exec(select(Closure)).all()) == 1
        assert [end for end in session.exec(select(Consignment.to_node_id)).all() if end] == [to.node_id]


def test_a_closing_whose_end_is_killed_has_not_ended_and_ends_once_at_the_next_tick(run: str) -> None:
    with clock.at(NINE), db.writing() as session:
        stations = session.exec(select(Station).order_by(col(Station.node_id))).all()
        home = session.exec(select(Parcel.station_id)).first()
        for consignment in session.exec(select(Consignment)):
            consignment.to_node_id = stations[-2].node_id
        assert home not in (stations[-1].node_id, stations[-2].node_id)
        county = session.exec(select(County)).one()
    desk = Actor(tenant_id=county.id, user_id=1, user_code="U1", grants=frozenset({("dispatcher", "county", "")}))
    with clock.at(NINE):
        apply(
            county, CloseStation(stations[-2].code, Span(NINE, NINE + timedelta(hours=8)), "停电", stations[-1].code), actor=desk, route=""
        )
    with db.reading() as session:
        before, codes = _standing(session), set(session.exec(select(Parcel.code)).all())
    with _disrupting("end", "") as tick:
        for point in ("closing.returned", "plan.voided", "plan.placed"):
            assert tick(point) == (-signal.SIGKILL, ""), point
            with db.reading() as session:
                assert _standing(session) == before, point
                account(session, codes)
        assert tick("")[0] == 0
        with db.reading() as session:
            ended = _standing(session)
            assert ended != before
            assert session.exec(select(Consignment.to_node_id).distinct()).all() == [stations[-2].node_id]
            account(session, codes)
        assert tick("")[0] == 0
    with db.reading() as session:
        assert _standing(session) == ended, "once"


def test_no_failpoint_ends_a_real_shop(run: str) -> None:
    with _disrupting("cancel", run, demo="0") as done:
        assert done(POINTS[0])[0] == 0


def test_every_failpoint_is_visited() -> None:
    named = set()
    for folder in ("core", "supply", "fulfillment", "shop"):
        for path in Path(ROOT, folder).rglob("*.py"):
            if re.search(r"\bfailpoint\(", text := path.read_text()):
                calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "failpoint"]
                named |= {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert named == {
        *POINTS,
        *(point for each in (OWN, settling.POINTS, giving.POINTS, sharing.POINTS) for points in each.values() for point in points),
    }
