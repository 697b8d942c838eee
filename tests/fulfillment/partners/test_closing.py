"""A firm's month is closed once, pays what its scans say at what was agreed, and is corrected by the next, never edited."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

import shop.wiring  # noqa: F401 - who hears of scans
from core import clock
from core.audit import AuditEntry
from core.ledger.models import Account, Balance, Journal
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from fulfillment.network.models import Line
from fulfillment.partners.closing import LegsUnpriced, MonthNotOver, close
from fulfillment.partners.drafting import draft
from fulfillment.partners.models import PartnerLine, PartnerMonth
from fulfillment.partners.queries import FirmUnknown
from fulfillment.settlement import paying, service
from tests.county import SmallCounty
from tests.fulfillment.contracts.zones import contract
from tests.fulfillment.partners.carrying import AFTER, BUS, JUNE, MAY, agree, carry, legs
from tests.fulfillment.shipping import bus, event, packed, scan


def lines(session: Session, month: PartnerMonth) -> list[tuple[str, str, int, int]]:
    rows = session.exec(select(PartnerLine).where(PartnerLine.month_id == month.id).order_by(PartnerLine.position)).all()
    return [(row.contract, row.kind, row.quantity, row.fen) for row in rows]


def owed(session: Session, account: str = f"partner:{BUS}") -> int:
    return (
        session.exec(select(Balance.amount_fen).join(Account, Account.id == Balance.account_id).where(Account.code == account)).first() or 0
    )


def test_a_bus_is_paid_for_what_it_took_from_one_hand_to_the_next(session: Session, county: SmallCounty) -> None:
    agree(session, county)
    run = bus(session, county)
    waiting = packed(session, county)
    scan(session, county, event("load", waiting, run.code))
    assert legs(session) == [], "nobody has taken it from the bus"
    carry(session, county)
    assert legs(session) == [(BUS, "ride", run.code, county.stations[0].code, county.hub.code)]
    with clock.at(AFTER):
        month = close(session, county.id, BUS, MAY, by="UFINANCE")
    assert (month.total_fen, month.pieces, lines(session, month)) == (80, 1, [("c0", "carriage", 1, 80)])
    assert owed(session) == 80
    (row,) = session.exec(select(IncomeEntry).where(IncomeEntry.party_kind == "partner")).all()
    assert (row.party_code, row.source, row.amount_fen, row.journal_id) == (BUS, "carriage", 80, month.journal_id)
    assert row.words == "2026-05 全部班车：1 件 × ¥0.80"
    assert session.exec(select(AuditEntry.actor).where(AuditEntry.act == "partner.close")).all() == ["user:UFINANCE"]


def test_closing_again_pays_nothing_again(session: Session, county: SmallCounty) -> None:
    agree(session, county)
    carry(session, county)
    with clock.at(AFTER):
        first, again = (close(session, county.id, BUS, MAY, by="UFINANCE") for _ in range(2))
    assert first.code == again.code
    assert len(session.exec(select(Journal).where(Journal.kind == "carriage")).all()) == 1


def test_a_month_that_is_not_over_and_a_firm_nobody_knows_are_refused(session: Session, county: SmallCounty) -> None:
    agree(session, county)
    with pytest.raises(MonthNotOver):
        close(session, county.id, BUS, MAY, by="U1")
    with clock.at(AFTER), pytest.raises(FirmUnknown):
        close(session, county.id, "没这家", MAY, by="U1")


def test_what_no_contract_pays_blocks_the_close_by_name_and_no_bus(session: Session, county: SmallCounty) -> None:
    agree(session, county, line=county.lines[0].code)
    carry(session, county, line=0)
    carry(session, county, line=1, start=bus_start(county, 1))
    with clock.at(AFTER), pytest.raises(LegsUnpriced, match=r"2 路班车从 2026-05-20 起有 1 件没有合同价"):
        close_alone(session, county)
    agree(session, county, line=county.lines[1].code, price=90)
    with clock.at(AFTER):
        assert close(session, county.id, BUS, MAY, by="U1").total_fen == 170


def close_alone(session: Session, county: SmallCounty, firm: str = BUS) -> None:
    """In a transaction of its own, as whoever is refused has."""
    with session.begin_nested():
        close(session, county.id, firm, MAY, by="U1")


def bus_start(county: SmallCounty, line: int) -> int:
    code = next(t.code for t in county.trips if t.code.startswith(f"{county.lines[line].code}-in-") and int(t.code.rsplit("-", 1)[1]) > 560)
    return int(code.rsplit("-", 1)[1])


def test_the_most_exact_contract_of_the_day_pays(session: Session, county: SmallCounty) -> None:
    line, here, hub = county.lines[0].code, county.stations[0].code, county.hub.code
    agree(session, county, price=10)
    agree(session, county, price=20, line=line)
    agree(session, county, price=40, line=line, from_node=here, to_node=hub, ends_on=date(2026, 5, 20))
    agree(session, county, price=50, line=line, from_node=here, to_node=hub, starts_on=date(2026, 5, 21))
    agree(session, county, price=99, line=line, from_node=county.stations[2].code, to_node=hub)
    carry(session, county)
    carry(session, county, day=1)
    with clock.at(AFTER):
        month = close(session, county.id, BUS, MAY, by="U1")
    assert lines(session, month) == [("c2", "carriage", 1, 40), ("c3", "carriage", 1, 50)]


@pytest.mark.parametrize(
    ("basis", "price", "quantity", "fen"),
    [("piece", 80, 3, 240), ("kg", 30, 9, 270), ("box", 500, 2, 1000), ("trip", 900, 2, 1800), ("vehicle_month", 70_000, 1, 70_000)],
)
def test_every_basis_counts_what_it_says(session: Session, county: SmallCounty, basis: str, price: int, quantity: int, fen: int) -> None:
    """Three parcels of 2.9 kg, two on one run and one on the next day's."""
    agree(session, county, basis, price)
    carry(session, county)
    carry(session, county)
    carry(session, county, day=1)
    with clock.at(AFTER):
        month = close(session, county.id, BUS, MAY, by="U1")
    assert lines(session, month) == [("c0", "carriage", quantity, fen)]


def test_tiers_then_the_least_then_the_most_of_a_month_are_lines_of_their_own(session: Session, county: SmallCounty) -> None:
    """The county opened with twelve days of May to go, the second contract began with ten."""
    agree(session, county, price=100, tiers=[[2, 60], [3, 10]], line=county.lines[0].code, minimum_fen=517)
    agree(session, county, price=0, minimum_fen=31_00, starts_on=date(2026, 5, 22), line=county.lines[1].code)
    for _ in range(3):
        carry(session, county)
    with clock.at(AFTER):
        month = close(session, county.id, BUS, MAY, by="U1")
    assert lines(session, month) == [("c0", "carriage", 3, 170), ("c0", "minimum", 3, 30), ("c1", "minimum", 0, 1000)]
    assert month.total_fen == owed(session) == 1200


def test_the_most_of_a_month_takes_the_rest_away(session: Session, county: SmallCounty) -> None:
    agree(session, county, price=100, cap_fen=388)
    for _ in range(3):
        carry(session, county)
    with clock.at(AFTER):
        month = close(session, county.id, BUS, MAY, by="U1")
    assert lines(session, month) == [("c0", "carriage", 3, 300), ("c0", "cap", 3, -150)]
    assert owed(session) == 150


def test_a_contracted_zone_is_paid_in_the_same_close(session: Session, county: SmallCounty) -> None:
    agree(session, county)
    zone = contract(session, county, BUS, county.stations[0], fee_fen=70)
    carry(session, county)
    with clock.at(AFTER):
        month = close(session, county.id, BUS, MAY, by="U1")
    assert lines(session, month) == [("c0", "carriage", 1, 80), (zone.code, "carriage", 1, 70)]


def test_a_node_and_its_doors_are_paid_by_their_contracts(session: Session, county: SmallCounty) -> None:
    agree(session, county, price=0)
    agree(session, county, price=15, node=county.hub.code)
    parcel = carry(session, county)
    assert len(legs(session)) == 1, "it lies at the hub"
    with clock.at(clock.now() + timedelta(minutes=5)):
        scan(session, county, event("dispatch", parcel, county.trunks[0].code))
    with clock.at(AFTER):
        month = close(session, county.id, BUS, MAY, by="U1")
    assert lines(session, month) == [("c0", "carriage", 1, 0), ("c1", "carriage", 1, 15)]


def test_what_is_scanned_after_the_close_is_settled_by_the_next_as_a_correction(session: Session, county: SmallCounty) -> None:
    agree(session, county)
    carry(session, county)
    late = packed(session, county)
    run, then = bus(session, county).code, clock.now()
    with clock.at(AFTER):
        may = close(session, county.id, BUS, MAY, by="U1")
        scan(session, county, event("load", late, run, at=then), event("receive", late, county.hub.code, at=then + timedelta(minutes=1)))
    assert lines(session, may) == [("c0", "carriage", 1, 80)], "a closed month stays as it is"
    with clock.at(AFTER + timedelta(days=30)):
        told = draft(session, county.id, BUS, JUNE)
        assert [(line.kind, line.of_month, line.fen) for line in told.lines] == [("correction", MAY.first, 80)]
        june = close(session, county.id, BUS, JUNE, by="U1")
    assert lines(session, june) == [("c0", "correction", 2, 80)]
    assert owed(session) == 160


def test_what_was_paid_and_never_happened_is_taken_back_and_owed(session: Session, county: SmallCounty) -> None:
    """A scan told late shows that another firm's bus had the parcel first."""
    agree(session, county, price=80)
    other = session.get_one(Line, county.lines[1].id)
    other.operator = "别家客运"
    session.add(other)
    parcel, then = carry(session, county), clock.now()
    with clock.at(AFTER):
        may = close(session, county.id, BUS, MAY, by="U1")
        pay(session, county)
        run = bus(session, county, line=1, start=bus_start(county, 1)).code
        scan(session, county, event("load", parcel, run, at=then - timedelta(seconds=30)))
    assert lines(session, may) == [("c0", "carriage", 1, 80)], "a closed month stays as it is"
    assert {firm for firm, *_ in legs(session)} == {"别家客运"}
    with clock.at(AFTER + timedelta(days=30)):
        june = close(session, county.id, BUS, JUNE, by="U1")
        assert lines(session, june) == [("c0", "correction", 0, -80)]
        assert (june.total_fen, owed(session), owed(session, f"debt:partner:{BUS}")) == (-80, 0, 80)
        with pytest.raises(LegsUnpriced, match="2 路班车从 2026-05-20 起有 1 件"):
            close_alone(session, county, "别家客运")


def pay(session: Session, county: SmallCounty) -> None:
    """What is owed is settled and paid; the firm holds nothing any more."""
    with clock.at(clock.now() + timedelta(minutes=1)):
        mature(session, tenant_id=county.id)
        county.county.policy = {**county.county.policy, "settlement": {"min_payout_fen": 1}}
        run = service.freeze(session, county.county, clock.today(), by="U1")
        service.approve(session, run, by="U2")
        service.give_to_bank(session, run, by="U1")
        (statement,) = [s for s in service.statements_of(session, run) if s.party_kind == "partner"]
        assert (statement.name, statement.payout_fen) == (BUS, 80)
        paying.mark_paid(session, statement, by="U1", reference="B1")
