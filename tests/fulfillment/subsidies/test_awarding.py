"""A subsidy is awarded once by its cause, as its rule says, out of a budget that is never passed; what fell is taken back."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select, update

from core import clock
from fulfillment.income.causes import cause_of
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from fulfillment.network.models import Vehicle
from fulfillment.settlement import paying
from fulfillment.settlement import service as settlement
from fulfillment.subsidies import service
from fulfillment.subsidies.amounts import amount_of
from fulfillment.subsidies.models import SubsidyEvidence, SubsidyFund
from fulfillment.subsidies.rules import year_of
from fulfillment.timetable.models import Departure
from supply.counties.profile_subsidies import GradeAmount, GrowthStep
from tests.county import SmallCounty
from tests.fulfillment.settlement.owing import ONE, TWO
from tests.fulfillment.subsidies.programmes import DAY, JUNE, MAY, RULE, award, awards, come_in, delivered, held, programme


def test_a_piece_is_awarded_once_and_its_income_opens_to_it(session: Session, county: SmallCounty) -> None:
    fund, station = programme(session, county), county.stations[0].code
    assert award(session, fund) == 0, "nothing was handed over yet"
    parcel = delivered(session, county)
    assert (award(session, fund), award(session, fund)) == (1, 0)
    (made,) = awards(session, fund)
    assert (made.state, made.cause_code, made.party_code, made.amount_fen) == ("awarded", parcel.code, station, 30)
    row = session.exec(select(IncomeEntry).where(IncomeEntry.source == "subsidy")).one()
    assert (row.party_code, row.amount_fen, row.words) == (station, 30, "进村出村补贴：寄出一件，补 0.30 元")
    assert held(session, "funder:sm-out") == 30
    cause = cause_of(session, tenant_id=county.id, kind=row.cause_kind, code=row.cause_code)
    assert cause and cause.href == f"/track/{parcel.code}" and ("谁出钱", "县交通局") in cause.facts


def test_conditions_are_data_direction_node_cold_and_goods(session: Session, county: SmallCounty) -> None:
    tomato, clam, inward = delivered(session, county), delivered(session, county, "clam"), come_in(session, county)
    here, there = county.stations[0].code, county.stations[1].code
    for n, (terms, wanted) in enumerate(
        (
            ({"directions": ("in",)}, {(inward.code, there)}),
            ({"nodes": (there,)}, {(clam.code, there), (inward.code, there)}),
            ({"storage": ("chilled",)}, {(clam.code, there)}),
            ({"categories": ("蔬菜",), "directions": ("out",)}, {(tomato.code, here), (inward.code, here)}),
            ({"zones": ("z0",), "directions": ("out",)}, {(inward.code, here)}),
            ({"months": (6,)}, set()),
            ({"ends": DAY - timedelta(days=1)}, set()),
        )
    ):
        fund = programme(session, county, code=f"sm-{n}", **terms)
        award(session, fund)
        assert {(a.cause_code, a.party_code) for a in awards(session, fund)} == wanted, terms


def test_a_firm_is_paid_for_what_its_buses_took_and_brought(session: Session, county: SmallCounty) -> None:
    out, inward = delivered(session, county), come_in(session, county)
    fund = programme(session, county, beneficiary="partner")
    award(session, fund)
    told = {(a.cause_code, a.period, a.party_code) for a in awards(session, fund)}
    assert told == {(out.code, "out", "小县公交"), (inward.code, "out", "小县公交"), (inward.code, "in", "小县公交")}
    assert held(session, "partner:小县公交") == 90


def test_what_the_budget_has_no_room_for_waits_and_is_awarded_when_there_is(session: Session, county: SmallCounty) -> None:
    fund = programme(session, county, budget_fen=70)
    for _ in range(3):
        delivered(session, county)
    award(session, fund)
    assert [(a.state, a.waits_for) for a in awards(session, fund)] == [("awarded", ""), ("awarded", ""), ("waiting", "budget")]
    assert award(session, fund) == 0
    more = service.draft(session, RULE._replace(fen_by_year=(30,), budget_fen=90), JUNE, tenant_id=county.id, by=ONE)
    with pytest.raises(service.SecondPersonNeeded):
        service.decide(session, more, by=ONE, approve=True)
    service.decide(session, more, by=TWO, approve=True)
    award(session, fund)
    assert [a.state for a in awards(session, fund)] == ["awarded", "awarded", "awarded"]
    assert (fund.taken_fen, held(session, "funder:sm-out")) == (90, 90)


def test_a_cap_holds_for_each_beneficiary_and_period(session: Session, county: SmallCounty) -> None:
    fund = programme(session, county, cap_fen=40, cap_every="month")
    for name in ("tomato", "tomato", "clam"):
        delivered(session, county, name)
    award(session, fund)
    states = [(a.party_code, a.state, a.waits_for) for a in awards(session, fund)]
    here, there = county.stations[0].code, county.stations[1].code
    assert sorted(states) == sorted([(here, "awarded", ""), (here, "waiting", "cap"), (there, "awarded", "")])


def test_growth_pays_for_pieces_above_the_base_by_steps_and_a_late_one_takes_nobodys_place(session: Session, county: SmallCounty) -> None:
    steps = (GrowthStep(0, 50), GrowthStep(1, 80))
    fund = programme(session, county, steps=steps, base_pieces=1)
    delivered(session, county)
    assert award(session, fund) == 0, "the base brings nothing"
    for _ in range(2):
        delivered(session, county)
    award(session, fund)
    assert [(a.facts["over"], a.amount_fen) for a in awards(session, fund)] == [(1, 50), (2, 80)]
    late = delivered(session, county, days_before=0)
    award(session, fund)
    assert [(a.facts["over"], a.amount_fen) for a in awards(session, fund)] == [(1, 50), (2, 80), (3, 80)]
    assert late.code
    with_last_year = programme(session, county, code="sm-grown", steps=steps)
    award(session, with_last_year)
    assert len(awards(session, with_last_year)) == 4, "nothing went in the same month a year before"


def test_an_amount_retreats_by_the_years_of_its_programme() -> None:
    rule = RULE._replace(fen_by_year=(30, 20, 10), starts=date(2025, 6, 1))
    days = (date(2025, 6, 1), date(2026, 5, 31), date(2026, 6, 1), date(2027, 6, 1), date(2028, 7, 1))
    assert [amount_of(rule, {"year": year_of(rule, day)}) for day in days] == [30, 30, 20, 10, 10]


def ran(session: Session, county: SmallCounty, month: date) -> None:
    """Every run of the month's open days left."""
    session.execute(update(Departure).where(col(Departure.service_date) >= month).values(status="arrived"))


def test_a_clean_vehicle_on_an_approved_line_is_paid_by_the_month_once_it_is_over(session: Session, county: SmallCounty) -> None:
    fund = programme(
        session, county, basis="vehicle_month", beneficiary="partner", fen_by_year=(200_000,), budget_fen=1_000_000, energies=("electric",),
        lines=(county.lines[0].code,), announced=True, min_runs=3,
    )  # fmt: skip
    ran(session, county, MAY)
    assert award(session, fund) == 0, "May is not over"
    with clock.at(clock.midnight(JUNE)):
        assert (award(session, fund), award(session, fund)) == (1, 0)
        (made,) = awards(session, fund)
        assert (made.cause_code, made.period, made.party_code, made.amount_fen) == ("sm-bus-1", "2026-05", "小县公交", 200_000)
        assert made.facts["runs"] == 32 and made.facts["energy"] == "electric"
        session.execute(update(Vehicle).values(energy="diesel"))
        dirty = programme(session, county, code="sm-dirty", basis="vehicle_month", beneficiary="partner", energies=("electric",))
        assert award(session, dirty) == 0
    back(session, county)


def back(session: Session, county: SmallCounty) -> None:
    """The departures stand where their history ends."""
    session.execute(update(Departure).values(status="scheduled"))


def test_a_vehicle_that_ran_long_enough_is_paid_once(session: Session, county: SmallCounty) -> None:
    terms = {"basis": "vehicle_once", "beneficiary": "partner", "fen_by_year": (1_000_000,), "budget_fen": 10_000_000}
    one = programme(session, county, code="sm-one", after_months=1, **terms)
    two = programme(session, county, code="sm-two", after_months=2, **terms)
    ran(session, county, MAY)
    with clock.at(clock.midnight(JUNE)):
        assert (award(session, one), award(session, two)) == (2, 0)
    with clock.at(clock.midnight(date(2026, 7, 1))):
        assert award(session, one, JUNE) == 0, "once, whatever it runs later"
    assert {(a.cause_code, a.period, a.amount_fen) for a in awards(session, one)} == {
        ("sm-bus-1", "", 1_000_000),
        ("sm-bus-2", "", 1_000_000),
    }
    back(session, county)


def test_a_station_is_paid_first_once_and_then_by_the_month(session: Session, county: SmallCounty) -> None:
    here = county.stations[0].code
    fund = programme(
        session, county, basis="station", beneficiary="station", every="month", first_fen=50_000, fen_by_year=(1_000,), nodes=(here,)
    )
    with clock.at(clock.midnight(date(2026, 7, 1))):
        award(session, fund)
        award(session, fund, JUNE)
    assert [(a.party_code, a.period, a.amount_fen) for a in awards(session, fund)] == [(here, "2026-05", 50_000), (here, "2026-06", 1_000)]


def granted(session: Session, county: SmallCounty, fund: SubsidyFund, document: str = "保单 7") -> SubsidyEvidence:
    proof = service.enter_evidence(
        session, fund, party_kind="station", party_code=county.stations[0].code, document=document, what="三轮车保险", on_date=DAY,
        amount_fen=12_000, grade="", period="", by=ONE,
    )  # fmt: skip
    with pytest.raises(service.SecondPersonNeeded):
        service.confirm_evidence(session, proof, by=ONE)
    service.confirm_evidence(session, proof, by=TWO)
    return proof


GRANT = {"basis": "grant", "beneficiary": "station", "share_bp": 5_000, "most_fen": 5_000}


def test_a_grant_is_a_share_of_what_a_document_proves_and_falls_with_it(session: Session, county: SmallCounty) -> None:
    fund, station = programme(session, county, **GRANT), county.stations[0].code
    proof = granted(session, county, fund)
    (made,) = awards(session, fund)
    assert (made.state, made.cause_code, made.amount_fen) == ("awarded", proof.code, 5_000)
    with pytest.raises(service.Known):
        service.enter_evidence(
            session, fund, party_kind="station", party_code=station, document="保单 7", what="", on_date=DAY, amount_fen=1, grade="",
            period="", by=TWO,
        )  # fmt: skip
    service.withdraw_evidence(session, proof, by=TWO)
    assert [a.state for a in awards(session, fund)] == ["reversed"]
    assert (fund.taken_fen, held(session, f"station:{station}"), held(session, "funder:sm-out")) == (0, 0, 0)
    assert session.exec(select(IncomeEntry.state)).all() == ["reversed"]


def test_what_was_paid_already_is_owed_on_the_next_statement(session: Session, county: SmallCounty) -> None:
    fund, station = programme(session, county, **GRANT), county.stations[0].code
    proof = granted(session, county, fund)
    with clock.at(clock.now() + timedelta(minutes=2)):
        mature(session, tenant_id=county.id)
        run = settlement.freeze(session, county.county, clock.today(), by=ONE)
        settlement.approve(session, run, by=TWO)
        settlement.give_to_bank(session, run, by=ONE)
        for statement in settlement.statements_of(session, run):
            paying.mark_paid(session, statement, by=TWO)
        service.withdraw_evidence(session, proof, by=TWO)
    rows = session.exec(select(IncomeEntry).order_by(col(IncomeEntry.id))).all()
    assert [(row.source, row.state, row.amount_fen) for row in rows] == [("subsidy", "paid", 5_000), ("adjustment", "payable", -5_000)]
    assert (held(session, f"debt:station:{station}"), held(session, "funder:sm-out")) == (5_000, 0)


def test_a_station_is_paid_by_its_confirmed_grade_with_the_year_s_end(session: Session, county: SmallCounty) -> None:
    fund = programme(session, county, basis="station", every="year", grades=(GradeAmount("优秀", 300_000),), budget_fen=1_000_000)
    proof = service.enter_evidence(
        session, fund, party_kind="station", party_code=county.stations[1].code, document="考核通报 3 号", what="", on_date=DAY, amount_fen=0,
        grade="优秀", period="2026", by=ONE,
    )  # fmt: skip
    with clock.at(clock.midnight(date(2027, 1, 1))):
        assert award(session, fund, date(2026, 12, 1)) == 0, "one person alone proves nothing"
        service.confirm_evidence(session, proof, by=TWO)
        award(session, fund, date(2026, 12, 1))
    assert [(a.party_code, a.period, a.amount_fen) for a in awards(session, fund)] == [(county.stations[1].code, "2026", 300_000)]


def test_a_funder_pays_what_it_owes_and_never_beyond_the_budget(session: Session, county: SmallCounty) -> None:
    fund = programme(session, county, budget_fen=1_000)
    service.receive(session, fund, 600, reference="回单 1", by=ONE)
    assert (held(session, "bank"), held(session, "funder:sm-out")) == (600, -600)
    with pytest.raises(service.Known), session.begin_nested():
        service.receive(session, fund, 100, reference="回单 1", by=ONE)
    session.refresh(fund)
    with pytest.raises(service.BudgetSpent), session.begin_nested():
        service.receive(session, fund, 401, reference="回单 2", by=ONE)


@pytest.mark.parametrize("grade", ["A", "C"])
def test_a_grade_that_the_rule_does_not_name_brings_nothing(grade: str) -> None:
    rule = RULE._replace(basis="station", every="year", grades=(GradeAmount("A", 300_000), GradeAmount("B", 100_000)))
    assert amount_of(rule, {"grade": grade}) == (300_000 if grade == "A" else 0)
