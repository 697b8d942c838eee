"""I5 and I9 on the fulfilment side: parcels hold exactly what is to be shipped, and stand where their history ends."""

from collections import Counter
from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from core.invariants import invariant
from core.status import Moves, StatusEvent
from fulfillment.timetable.models import DEPARTURE, Departure

from .models import CONSIGNMENT, PARCEL, Consignment, ConsignmentLine, ConsignmentStatus, LotBinding, Parcel, ParcelStatus
from .progress import status_of

NOT_PACKED = (ParcelStatus.EXPECTED, ParcelStatus.CANCELLED)


@invariant("I5", "the parcels of an active consignment hold its lines, unit for unit", tables=("consignment", "parcel", "consignment_line"))
def parcels_hold_the_lines(session: Session) -> Iterable[str]:
    due: Counter[str] = Counter()
    active = select(Consignment.id).where(Consignment.status != ConsignmentStatus.CANCELLED)
    for code, quantity in session.exec(
        select(col(ConsignmentLine.line_code), col(ConsignmentLine.quantity)).where(col(ConsignmentLine.consignment_id).in_(active))
    ):
        due[code] += quantity
    for contents in session.exec(select(Parcel.contents).where(Parcel.status != ParcelStatus.CANCELLED)):
        due.subtract(dict(contents))
    return [f"{code}: {abs(left)} {'missing from' if left > 0 else 'too many in'} its parcels" for code, left in due.items() if left]


@invariant("I5", "a packed parcel has its units bound to lots", tables=("parcel", "lot_binding"))
def packed_means_bound(session: Session) -> Iterable[str]:
    bound = dict(session.exec(select(col(LotBinding.parcel_id), func.sum(LotBinding.quantity)).group_by(col(LotBinding.parcel_id))).all())
    for row_id, code, status, contents in session.exec(select(col(Parcel.id), col(Parcel.code), col(Parcel.status), col(Parcel.contents))):
        due = 0 if status in NOT_PACKED else sum(quantity for _, quantity in contents)
        if int(bound.get(row_id or 0, 0)) != due:
            yield f"{code}: {bound.get(row_id or 0, 0)} bound, {due} due"


@invariant("I9", "a consignment stands where its parcels stand", tables=("consignment", "parcel"))
def consignments_follow_parcels(session: Session) -> Iterable[str]:
    parcels: dict[int, list[str]] = {}
    for consignment_id, status in session.exec(select(col(Parcel.consignment_id), col(Parcel.status))):
        parcels.setdefault(consignment_id, []).append(status)
    for row_id, code, status in session.exec(select(col(Consignment.id), col(Consignment.code), col(Consignment.status))):
        if status_of(parcels.get(row_id or 0, [])) != status:
            yield f"{code}: {status}, its parcels say {status_of(parcels.get(row_id or 0, []))}"


@invariant("I9", "parcels, consignments and departures stand where their history ends", tables=("consignment", "parcel", "departure"))
def history_ends_here(session: Session) -> Iterable[str]:
    standing: tuple[tuple[Moves, type[Consignment] | type[Parcel] | type[Departure]], ...] = (
        (CONSIGNMENT, Consignment), (PARCEL, Parcel), (DEPARTURE, Departure),
    )  # fmt: skip
    for moves, table in standing:
        last = select(func.max(StatusEvent.id)).where(StatusEvent.kind == moves.kind).group_by(col(StatusEvent.subject))
        told = dict(session.exec(select(col(StatusEvent.subject), col(StatusEvent.target)).where(col(StatusEvent.id).in_(last))).all())
        for code, status in session.exec(select(col(table.code), col(table.status))):
            if told.get(code) != status:
                yield f"{moves.kind} {code} stands at {status}, its history at {told.get(code)}"
