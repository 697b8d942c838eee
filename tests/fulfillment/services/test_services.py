"""A village service is recorded in two taps, counted by service, and paid once: in cash as any taking is, or by the county."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core import clock, db
from core.errors import Refused
from fulfillment.cash import service as cash
from fulfillment.income.causes import cause_of
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from fulfillment.services import queries, service
from fulfillment.services.models import ServiceDone
from supply.stations.models import VillageService
from tests.broken import broken
from tests.county import SmallCounty, small_county
from tests.fulfillment.settlement.owing import frozen
from tests.fulfillment.web import signed_in


@pytest.fixture
def county(session: Session) -> SmallCounty:
    return served(session)


def served(session: Session) -> SmallCounty:
    """The small county with one service that costs something and one that the county pays."""
    county = small_county(session)
    session.add(VillageService(tenant_id=county.id, code="express-in", name="快递代收", unit="件", county_fee_fen=30))
    session.add(VillageService(tenant_id=county.id, code="express-out", name="打印复印", unit="页", fee_fen=50))
    session.add(VillageService(tenant_id=county.id, code="repair", name="家电维修", unit="次", fee_fen=1000))
    session.flush()
    return county


def whole(session: Session) -> list[str]:
    return broken(session, "I1") + broken(session, "I3")


def test_a_service_paid_in_cash_is_one_taking_and_one_row_of_income(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    done = service.do_service(session, station, "express-out", quantity=3, in_cash=True, by="U1")
    assert (done.paid_by, done.fee_fen, cash.held_at(session, station)) == ("cash", 150, 150)
    row = session.exec(select(IncomeEntry)).one()
    assert (row.source, row.amount_fen, row.party_code) == ("service", 150, station.code)
    cause = cause_of(session, tenant_id=county.id, kind=row.cause_kind, code=row.cause_code)
    assert cause is not None and cause.title == "打印复印"
    assert whole(session) == []


def test_what_a_villager_has_for_nothing_the_county_pays_where_its_registry_says_so(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    done = service.do_service(session, station, "express-in", quantity=2, in_cash=False, by="U1")
    given = service.do_service(session, station, "express-out", quantity=1, in_cash=False, by="U1")
    assert [(each.paid_by, each.fee_fen) for each in (done, given)] == [("county", 60), ("nobody", 0)]
    row = session.exec(select(IncomeEntry)).one()
    assert (row.amount_fen, row.words.count("县里每一"), cash.held_at(session, station)) == (60, 1, 0)
    mature(session, tenant_id=county.id)
    assert whole(session) == []
    counted = queries.counts(session, tenant_id=county.id, first=clock.today(), last=clock.today(), station=station.code)
    assert [(c.code, c.quantity, c.cash_fen, c.county_fen) for c in counted] == [("express-in", 2, 0, 60), ("express-out", 1, 0, 0)]


@pytest.mark.parametrize("road", ["services", "cash"])
def test_undone_it_never_was_whichever_page_undoes_it(session: Session, county: SmallCounty, road: str) -> None:
    station = county.stations[0]
    done = service.do_service(session, station, "express-out", quantity=3, in_cash=True, by="U1")
    for _again in range(2):
        if road == "services":
            service.undo_service(session, station, done.code, by="U1")
        else:
            cash.undo_taking(session, station, done.taking_code or "", by="U1")
    session.refresh(done)
    assert done.undone_at is not None and cash.held_at(session, station) == 0
    assert session.exec(select(IncomeEntry.state)).one() == "reversed"
    assert queries.counts(session, tenant_id=county.id, first=clock.today(), last=clock.today()) == []
    assert whole(session) == []


def test_what_the_county_paid_is_undone_on_its_day_and_in_no_statement(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    wrong = service.do_service(session, station, "express-in", quantity=9, in_cash=False, by="U1")
    service.undo_service(session, station, wrong.code, by="U1")
    service.undo_service(session, station, wrong.code, by="U1")
    assert session.exec(select(IncomeEntry.state)).one() == "reversed" and whole(session) == []
    for _n in range(2):
        settled = service.do_service(session, station, "express-in", quantity=9, in_cash=False, by="U1")
    mature(session, tenant_id=county.id)
    frozen(session, county)
    with pytest.raises(service.CountedAlready):
        service.undo_service(session, station, settled.code, by="U1")
    with clock.at(clock.now() + timedelta(days=1)), pytest.raises(service.CountedAlready):
        service.undo_service(session, station, settled.code, by="U1")
    with pytest.raises(service.ServiceUnknown):
        service.undo_service(session, county.stations[1], settled.code, by="U1")


@pytest.mark.parametrize(
    ("code", "quantity", "in_cash"),
    [("repair", 1, True), ("none", 1, False), ("express-in", 1, True), ("express-in", 0, False), ("express-in", 100, False)],
)
def test_what_is_no_service_here_is_refused(session: Session, county: SmallCounty, code: str, quantity: int, in_cash: bool) -> None:
    with pytest.raises((Refused, service.ServiceUnknown)):
        service.do_service(session, county.stations[0], code, quantity=quantity, in_cash=in_cash, by="U1")
    assert session.exec(select(ServiceDone)).all() == [] == session.exec(select(IncomeEntry)).all()


def test_a_master_records_one_in_two_taps_and_takes_it_back(database: str) -> None:
    with db.writing() as session:
        county = served(session)
    code = county.stations[0].code
    keeper = signed_in(county, "helper", "station", code)
    assert "打印复印" in keeper.get("/station/services").text and "家电维修" not in keeper.get("/station/services").text
    form = {"form_key": "k1", "station": code, "service": "express-out", "quantity": "2", "paid": "cash"}
    for _again in range(2):
        assert keeper.post("/station/services", data=form).status_code == 303
    page = keeper.get("/station/services").text
    assert "打印复印 × 2" in page and "1.00" in page
    with db.reading() as session:
        (done,) = session.exec(select(ServiceDone)).all()
    assert keeper.post(f"/station/services/{done.code}/undoing", data={"form_key": "u1"}).status_code == 303
    assert "已撤" in keeper.get("/station/services").text
    wrong = keeper.post("/station/services", data={**form, "form_key": "k2", "quantity": "-1"})
    assert wrong.status_code == 422 and "做了几次" in wrong.text
    assert keeper.post("/station/services", data={**form, "form_key": "k3", "service": "repair"}).status_code == 404
