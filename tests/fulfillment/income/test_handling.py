"""A packed parcel earns its station the packing fee, once, from transport."""

from sqlmodel import select

import fulfillment.income.handling  # noqa: F401 - registers the listener
from core.ledger.models import Account
from core.ledger.service import balance
from fulfillment.consignments.service import pack
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from tests.fulfillment.shipping import event, packed, parcels_of, scan, ship, sold


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
