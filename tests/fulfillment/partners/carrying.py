"""Contracts of the small county as rows, and parcels that its buses carry."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from core import clock
from fulfillment.consignments.models import Parcel
from fulfillment.contracts.models import CarriageContract
from fulfillment.contracts.queries import read_month
from fulfillment.partners.models import CarriedLeg
from tests.county import SmallCounty
from tests.fulfillment.shipping import bus, event, packed, scan

BUS = "小县公交"
MAY = read_month("2026-05")
JUNE = read_month("2026-06")
AFTER = clock.on(date(2026, 6, 1), 9 * 60)  # the month of the small county's days is over


def agree(session: Session, county: SmallCounty, basis: str = "piece", price: int = 80, **more: Any) -> CarriageContract:
    """A contract with the bus company, for all its buses unless `more` names something else."""
    number = len(session.exec(select(CarriageContract.id)).all())
    cover = {} if {"line", "node"} & more.keys() else {"kind": "bus"}
    common = {"tenant_id": county.id, "code": f"c{number}", "firm": BUS, "starts_on": date(2026, 1, 1), "position": number}
    contract = CarriageContract(**{**common, "basis": basis, "price": price, **cover, **more})
    session.add(contract)
    session.flush()
    return contract


def carry(session: Session, county: SmallCounty, *, line: int = 0, start: int = 910, day: int = 0, **box: str) -> Parcel:
    """A parcel taken by a bus to the hub."""
    with clock.at(clock.now() + timedelta(days=day)):
        parcel = packed(session, county)
        run, now = bus(session, county, line=line, start=start, day=day).code, clock.now()
        on, off = event("load", parcel, run, at=now), event("receive", parcel, county.hub.code, at=now + timedelta(minutes=1))
        with clock.at(now + timedelta(minutes=2)):
            done = scan(session, county, on, off)
        assert {o.result for o in done} == {"accepted"}, done
    return parcel


def legs(session: Session) -> list[tuple[str, str, str, str, str]]:
    rows = session.exec(select(CarriedLeg).where(~CarriedLeg.withdrawn)).all()  # type: ignore[operator]
    return sorted((leg.firm, leg.kind, leg.place, leg.from_node, leg.to_node) for leg in rows)
