"""I4, I5, I8, I9 and I15 on the fulfilment side: parcels hold exactly what is to be shipped and was taken off the shelf for it, stand
where their history ends, are told of when they were delivered, and whom they are for lies sealed."""

from collections import Counter
from collections.abc import Iterable

from sqlmodel import Session, col, select

from core.checks import KEPT, elsewhere, keeps_sealed
from core.invariants import invariant, rule
from fulfillment.timetable.models import DEPARTURE, Departure

from .models import CONSIGNMENT, PARCEL, Consignment, ConsignmentLine, ConsignmentStatus, LotBinding, Parcel, ParcelStatus
from .progress import status_of

NOT_PACKED = (ParcelStatus.EXPECTED, ParcelStatus.CANCELLED)
keeps_sealed(Consignment, "name_sealed", "phone_sealed", "detail_sealed", "note_sealed")


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


@invariant("I5", "a packed parcel has its units bound to lots, line by line", tables=("parcel", "lot_binding"))
def packed_means_bound(session: Session) -> Iterable[str]:
    due: Counter[tuple[int, str]] = Counter()
    codes: dict[int, str] = {}
    for row_id, code, status, contents in session.exec(select(col(Parcel.id), col(Parcel.code), col(Parcel.status), col(Parcel.contents))):
        codes[row_id or 0] = code
        for line, quantity in contents if status not in NOT_PACKED else ():
            due[row_id or 0, line] += quantity
    for row_id, line, quantity in session.exec(select(LotBinding.parcel_id, LotBinding.line_code, LotBinding.quantity)):
        due[row_id, line] -= quantity
    return [f"{codes.get(n)}: {abs(left)} of {line} {'due' if left > 0 else 'too many'}" for (n, line), left in due.items() if left]


rule(
    "I4",
    "what lies in parcels is what was packed of its lots",
    broken="""
    SELECT l.code, k.line, sum(k.units) FROM lot l JOIN (
        SELECT b.lot_id, b.line_code AS line, b.quantity AS units FROM lot_binding b
        UNION ALL
        SELECT m.lot_id, m.cause, m.quantity FROM stock_movement m JOIN consignment_line c ON c.line_code = m.cause WHERE m.kind = 'packed'
    ) AS k ON k.lot_id = l.id
    GROUP BY l.id, l.code, k.line HAVING sum(k.units) <> 0
    """,
)

rule(
    "I4",
    "a consigned line holds its units until they are packed",
    broken="""
    SELECT code, line_code, due, held, packed, bound FROM (
        SELECT c.code, c.status, n.line_code, n.quantity AS due,
            (SELECT coalesce(sum(h.quantity), 0) FROM stock_hold h WHERE h.cause = n.line_code AND h.state = 'allocated') AS held,
            (SELECT coalesce(sum(h.quantity), 0) FROM stock_hold h WHERE h.cause = n.line_code AND h.state = 'consumed') AS packed,
            (SELECT coalesce(sum(b.quantity), 0) FROM parcel p JOIN lot_binding b ON b.parcel_id = p.id
                WHERE p.consignment_id = c.id AND b.line_code = n.line_code) AS bound
        FROM consignment_line n JOIN consignment c ON c.id = n.consignment_id
    ) AS lines WHERE packed <> bound OR (held + packed <> due AND status <> 'cancelled')
    """,
)

rule(
    "I8",
    "every delivered parcel is told of",
    ago=KEPT,
    broken="""
    SELECT p.code FROM parcel p WHERE p.status = 'delivered' AND p.delivered_at > :then
        AND NOT EXISTS (SELECT 1 FROM outbox w WHERE w.tenant_id = p.tenant_id AND w.topic = 'parcel.delivered' AND w.key = p.code)
    """,
)


@invariant("I9", "a consignment stands where its parcels stand", tables=("consignment", "parcel"))
def consignments_follow_parcels(session: Session) -> Iterable[str]:
    parcels: dict[int, list[str]] = {}
    for consignment_id, status in session.exec(select(col(Parcel.consignment_id), col(Parcel.status))):
        parcels.setdefault(consignment_id, []).append(status)
    for row_id, code, status in session.exec(select(col(Consignment.id), col(Consignment.code), col(Consignment.status))):
        if status_of(parcels.get(row_id or 0, [])) != status:
            yield f"{code}: {status}, its parcels say {status_of(parcels.get(row_id or 0, []))}"


@invariant("I9", "parcels and consignments stand where their history ends", tables=("consignment", "parcel", "status_event"))
def goods_stand_at_their_end(session: Session) -> Iterable[str]:
    yield from elsewhere(session, CONSIGNMENT, col(Consignment.code), col(Consignment.status))
    yield from elsewhere(session, PARCEL, col(Parcel.code), col(Parcel.status))


@invariant("I9", "a departure stands where its history ends", tables=("departure", "status_event"))
def departures_stand_at_their_end(session: Session) -> Iterable[str]:
    return elsewhere(session, DEPARTURE, col(Departure.code), col(Departure.status))
