"""A packed parcel earns its station the packing fee, one handed over in a village the fee for that, once each, from transport."""

from datetime import timedelta

from sqlmodel import select

import fulfillment.income.handling  # noqa: F401 - registers the listener
from core import clock
from core.ledger.models import Account
from core.ledger.service import balance
from fulfillment.consignments.service import pack
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from tests.broken import broken
from tests.fulfillment.shipping import TO, bus, event, packed, parcels_of, scan, ship, sold


def test_packing_earns_the_rules_fee_once(session, county):
    parcel = packed(session, county)
    row = session.exec(select(IncomeEntry).where(IncomeEntry.cause_code == parcel.code)).one()
    assert (row.source, row.amount_fen, row.party_code) == ("handling", county.rule.packing_fen, county.stations[0].code)
    transport = session.exec(select(Account).where(Account.code == "transport")).one()
    assert balance(session, transport.id) == -county.rule.packing_fen


def test_what_is_no_orders_is_payable_on_delivery_and_not_before(session, county):
    parcel = packed(session, county)
    row = session.exec(select(IncomeEntry).where(IncomeEntry.cause_code == parcel.code)).one()
    assert (row.state, row.payable_at) == ("pending", None)
    mature(session, tenant_id=county.id)
    session.refresh(row)
    assert row.state == "pending"
    trunk = county.trunks[0].code
    scan(session, county, event("dispatch", parcel, trunk), event("deliver", parcel, trunk))
    session.refresh(row)
    assert row.payable_at == parcel.delivered_at is not None
    mature(session, tenant_id=county.id)
    session.refresh(row)
    assert row.state == "payable"


def test_each_parcel_of_a_consignment_earns(session, county):
    (consignment,) = ship(session, county, sold(session, county, "tomato", 12))
    pack(session, consignment, by="UMASTER")
    parcels = parcels_of(session, consignment)
    rows = session.exec(select(IncomeEntry).where(IncomeEntry.source == "handling")).all()
    assert len(parcels) > 1
    assert sorted(row.cause_code for row in rows) == sorted(parcel.code for parcel in parcels)


def inbound(session, county):
    """A parcel that the second village's receiver fetches there."""
    there = county.stations[1]
    (made,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z0", to_node_id=there.node_id))
    (parcel,) = pack(session, made, by="UMASTER")
    return parcel, there


def test_what_is_handed_over_in_a_village_earns_its_station_once(session, county):
    parcel, there = inbound(session, county)
    run = bus(session, county, direction="out", start=600).code
    now = clock.now()
    scan(session, county, event("load", parcel, run), event("unload", parcel, there.code, at=now + timedelta(seconds=1)))
    for _again in range(2):
        scan(session, county, event("deliver", parcel, there.code, at=now + timedelta(seconds=2)))
    row = session.exec(select(IncomeEntry).where(IncomeEntry.key == f"{parcel.code}:handing")).one()
    assert (row.party_code, row.source, row.amount_fen) == (there.code, "handling", county.rule.inbound_fen)
    assert row.payable_at == parcel.delivered_at
    session.flush()
    assert broken(session, "I1") == broken(session, "I3") == []
    mature(session, tenant_id=county.id)
    session.refresh(row)
    assert row.state == "payable"


def test_a_delivery_that_is_dated_anew_pays_nothing_again(session, county):
    parcel, there = inbound(session, county)
    now = clock.now()
    scan(session, county, event("deliver", parcel, there.code, at=now + timedelta(hours=2)))
    run = bus(session, county, direction="out", start=600).code
    scan(session, county, event("load", parcel, run, at=now), event("unload", parcel, there.code, at=now + timedelta(hours=1)))
    assert parcel.status == "delivered"
    row = session.exec(select(IncomeEntry).where(IncomeEntry.key == f"{parcel.code}:handing")).one()
    assert row.payable_at == parcel.delivered_at


def test_what_leaves_the_county_is_handed_over_by_no_station(session, county):
    parcel = packed(session, county)
    trunk = county.trunks[0].code
    scan(session, county, event("dispatch", parcel, trunk), event("deliver", parcel, trunk))
    assert [row.key for row in session.exec(select(IncomeEntry)).all()] == [f"{parcel.code}:packing"]
