"""Legs follow custody: what the scans of a parcel say now is what its firms carried, in the scans' own transaction.

Open legs are written anew where they differ. A frozen leg stays as it is: that custody no longer says so is marked, and whatever it says
instead stands as an open leg of the closed month, until the firm's next close puts both right.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.contracts.counting import terms_of
from fulfillment.contracts.models import CarriageContract, ContractZone
from fulfillment.contracts.pieces import Terms, pieces_of
from fulfillment.custody.chain import Chain, Held
from fulfillment.custody.events import on_read
from fulfillment.network.models import Line
from fulfillment.timetable.models import Departure

from .legs import Ground, Leg, Run, Served, Weighed, legs_of
from .models import CarriedLeg, LegKind


class Reader:
    """Reads the legs of a county's parcels from their custody."""

    def __init__(self, session: Session, tenant_id: int, departures: Collection[str]) -> None:
        self._terms: Terms
        self._terms, self._codes = terms_of(session, tenant_id)
        self._ground = Ground(_runs(session, departures), _served(session, tenant_id), _zones(session, tenant_id) if self._terms else {})

    def legs(self, held: Sequence[Held], weighed: Weighed, *, to_node_id: int | None, status: str) -> list[Leg]:
        is_delivered = status == ParcelStatus.DELIVERED
        pieces = pieces_of(held, self._terms, collected_at=self._codes.get(to_node_id or 0, ""), is_delivered=is_delivered)
        return legs_of(held, pieces, weighed, self._ground, is_delivered=is_delivered)


def _runs(session: Session, departures: Collection[str]) -> dict[str, Run]:
    if not departures:
        return {}
    rows = session.execute(
        sql_select(col(Departure.code), col(Line.code), col(Line.operator))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(col(Departure.code).in_(departures))
    )
    return {code: Run(line, firm) for code, line, firm in rows}


def _served(session: Session, tenant_id: int) -> dict[str, list[Served]]:
    served: dict[str, list[Served]] = defaultdict(list)
    for c in session.exec(select(CarriageContract).where(CarriageContract.tenant_id == tenant_id, CarriageContract.node != "")):
        served[c.node].append(Served(c.firm, LegKind.DOOR if c.kind else LegKind.NODE, c.starts_on, c.ends_on))
    return served


def _zones(session: Session, tenant_id: int) -> dict[int, tuple[str, str]]:
    rows = session.exec(select(ContractZone.id, ContractZone.code, ContractZone.operator).where(ContractZone.tenant_id == tenant_id))
    return {zone_id or 0: (code, firm) for zone_id, code, firm in rows}


@on_read
def follow(
    session: Session, parcels: Sequence[Parcel], consignments: Mapping[int, Consignment], chains: Mapping[str, Chain]
) -> None:  # fmt: skip
    tenant_id = parcels[0].tenant_id
    ridden = {h.code for chain in chains.values() for h in chain.held if h.kind == "departure"}
    reader = Reader(session, tenant_id, ridden)
    kept = _kept(session, tenant_id, [p.code for p in parcels])
    gone: list[int] = []
    fresh: list[dict[str, object]] = []
    marks: dict[bool, list[int]] = {True: [], False: []}
    for parcel in parcels:
        chain, weighed = chains[parcel.code], Weighed(parcel.grams, parcel.box_milli)
        to_node_id = consignments[parcel.consignment_id].to_node_id
        wanted = reader.legs(chain.held, weighed, to_node_id=to_node_id, status=chain.status)
        for row in kept[parcel.code]:
            same = next((leg for leg in wanted if _is_same(row, leg)), None)
            if same is not None:
                wanted.remove(same)
            if row.month_id is None:
                gone += [row.id or 0] if same is None else []
            elif row.withdrawn != (same is None):
                marks[same is None].append(row.id or 0)
        fresh += [{"tenant_id": tenant_id, "parcel_code": parcel.code, **leg._asdict()} for leg in wanted]
    _write(session, gone, marks, fresh)


def _kept(session: Session, tenant_id: int, codes: Collection[str]) -> dict[str, list[Row[Any]]]:
    """Locked, so that a close that is freezing them is waited for; frozen ones first."""
    kept: dict[str, list[Row[Any]]] = defaultdict(list)
    rows = session.execute(
        sql_select(CarriedLeg.__table__)  # type: ignore[attr-defined]
        .where(col(CarriedLeg.tenant_id) == tenant_id, col(CarriedLeg.parcel_code).in_(codes), col(CarriedLeg.back_month_id).is_(None))
        .order_by(col(CarriedLeg.month_id).is_(None), col(CarriedLeg.id))
        .with_for_update()
    )
    for row in rows:
        kept[row.parcel_code].append(row)
    return kept


def _is_same(row: Row[Any], leg: Leg) -> bool:
    kept = as_leg(row)
    return kept == leg if row.month_id is None else kept.priced == leg.priced


def as_leg(row: Row[Any]) -> Leg:
    """A row of `carried_leg` as custody would say it."""
    return Leg(*(getattr(row, name) for name in Leg._fields))


def _write(session: Session, gone: list[int], marks: Mapping[bool, list[int]], fresh: list[dict[str, object]]) -> None:
    plain = {"synchronize_session": False}
    if gone:
        session.execute(delete(CarriedLeg).where(col(CarriedLeg.id).in_(gone)).execution_options(**plain))
    for withdrawn, ids in marks.items():
        if ids:
            marked = update(CarriedLeg).where(col(CarriedLeg.id).in_(ids)).values(withdrawn=withdrawn)
            session.execute(marked.execution_options(**plain))
    if fresh:
        session.execute(insert(CarriedLeg.__table__), fresh)  # type: ignore[attr-defined]
