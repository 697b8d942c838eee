"""What goes on and off a run at each stop, and what of it is done: planned beforehand, scanned on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.timetable.board import Run

from .models import Action, Custody, Scan

WAITING = (ParcelStatus.EXPECTED, ParcelStatus.PACKED, ParcelStatus.MOVING, ParcelStatus.AT_HUB)


@dataclass
class Box:
    """One parcel of a run. Without a plan `board` and `alight` are None: it is taken to the end. `lies_in` is its turnover box's code."""

    code: str
    grams: int
    to: str
    status: str
    board: int | None = None
    alight: int | None = None
    aboard: bool = False
    done: bool = False  # it was aboard and is off again
    missed: bool = False  # somebody said it was not there
    lies_in: str = ""

    @property
    def packed(self) -> bool:
        return self.status != ParcelStatus.EXPECTED


@dataclass(frozen=True)
class Boxes:
    """All boxes of a run; `last` is the position of its last stop."""

    all: Sequence[Box]
    last: int

    def on(self, position: int) -> list[Box]:
        """Still to be taken on at a stop, those nobody misses yet first."""
        due = [b for b in self.all if b.board == position and not b.aboard and not b.done and b.status in WAITING]
        return sorted(due, key=lambda b: (b.missed, not b.packed))

    def off(self, position: int) -> list[Box]:
        """Aboard and to be set down by now; at the last stop everything."""
        return [b for b in self.all if b.aboard and (position == self.last or (b.alight is not None and b.alight <= position))]

    def count_on(self, position: int) -> int:
        return sum(not box.missed for box in self.on(position))

    def count_off(self, position: int) -> int:
        """Whatever is still aboard counts at the stop it is for, also before the run is there."""
        ahead = [b for b in self.all if not b.aboard and not b.done and not b.missed and b.alight == position and b.status in WAITING]
        return len(self.off(position)) + len(ahead)

    @property
    def aboard(self) -> int:
        return sum(box.aboard for box in self.all)


def boxes_of(session: Session, run: Run) -> Boxes:
    """Three queries, however many boxes."""
    departure = run.departure
    facts = (col(Parcel.code), col(Parcel.grams), col(Parcel.status), col(Consignment.city), col(Consignment.district))
    found: dict[str, Box] = {}
    planned = (
        sql_select(*facts, col(PlannedLeg.board), col(PlannedLeg.alight), func.coalesce(col(Custody.box), ""))
        .join_from(PlannedLeg, Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .outerjoin(Custody, (col(Custody.parcel_code) == col(Parcel.code)) & col(Custody.ended_at).is_(None))
        .where(col(PlannedLeg.departure_id) == departure.id, col(PlannedLeg.voided_at).is_(None))
        .order_by(col(PlannedLeg.board), col(Parcel.id))
    )
    for code, grams, status, city, district, board, alight, lies_in in session.execute(planned):
        found[code] = Box(code, grams, f"{city}{district}", status, board, alight, lies_in=lies_in)
    carried = (
        sql_select(*facts, col(Custody.ended_at), col(Custody.box))
        .join_from(Custody, Parcel, col(Parcel.code) == col(Custody.parcel_code))
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .where(col(Custody.tenant_id) == departure.tenant_id, col(Custody.holder_code) == departure.code)
        .order_by(col(Custody.began_at), col(Custody.id))
    )
    for code, grams, status, city, district, ended_at, lies_in in session.execute(carried):
        box = found.setdefault(code, Box(code, grams, f"{city}{district}", status))
        box.aboard, box.done = ended_at is None, ended_at is not None
        box.lies_in = lies_in if box.aboard else box.lies_in
    missed = select(Scan.parcel_code).where(
        Scan.tenant_id == departure.tenant_id, Scan.action == Action.LOSE, Scan.place == departure.code, col(Scan.parcel_code).in_(found)
    )
    for code in session.exec(missed):
        found[code].missed = True
    return Boxes(list(found.values()), run.calls[-1].position)
