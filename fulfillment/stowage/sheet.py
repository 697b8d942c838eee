"""The stowage sheet 装载图 of one run: at each stop who waits, what comes out of which bay, and what goes in where, deepest first.

Where a stop's manifest is issued its rows count, elsewhere what is planned: the sheet follows the manifest's revision. Whole boxes stand
apart by temperature; what goes to one place from one stop stands together, its heaviest parcels in first.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Parcel, ParcelStatus
from fulfillment.hailing.queries import people_waiting
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import valid
from fulfillment.network.models import Vehicle
from fulfillment.timetable.board import Call, Run
from fulfillment.timetable.models import Departure

from .bays import Bay, Stowed, stow
from .stack import Group

AMBIENT = "ambient"


class Load(NamedTuple):
    """What boards at one stop for another in one tier: whole boxes, its parcels from heavy to light."""

    key: int
    board: int
    alight: int
    tier: str
    boxes: int
    grams: int
    parcels: tuple[str, ...]


class Piece(NamedTuple):
    """Boxes of a load in one bay; fewer than the load's where it is split. `place` counts boxes from inside, the first of these."""

    bay: Bay
    load: Load
    boxes: int
    place: int


class StopWork(NamedTuple):
    """One call: what comes off, what is lifted out and put back for it, what goes on in this order. `manifest` None: not issued yet.

    `people` asked for the stop: the vehicle stops for them with or without goods.
    """

    call: Call
    manifest: Manifest | None
    off: tuple[Piece, ...]
    lifted: tuple[Piece, ...]
    on: tuple[Piece, ...]
    standing: tuple[tuple[Bay, tuple[Piece, ...]], ...]  # from inside out, after this stop; bays that hold nothing are left out
    people: int = 0

    @property
    def idle(self) -> bool:
        """Nothing is to be done with goods."""
        return not (self.off or self.lifted or self.on)

    @property
    def passes(self) -> bool:
        """The vehicle need not stop."""
        return self.call.on_request and self.idle and not self.people


class Sheet(NamedTuple):
    """`lifts`: boxes lifted out of the way in all; `exact`: no stowage of these bays needs fewer. `left`: loads no bay has room for."""

    bays: tuple[Bay, ...]
    stops: tuple[StopWork, ...]
    lifts: int
    exact: bool
    left: tuple[tuple[Load, int], ...]

    @property
    def empty(self) -> bool:
        """No goods at all."""
        return all(stop.idle for stop in self.stops) and not self.left

    @property
    def people(self) -> int:
        return sum(stop.people for stop in self.stops)


def bays_of(vehicle: Vehicle | None, departure: Departure) -> tuple[Bay, ...]:
    """The vehicle's bays; without any it is one, and one more where it keeps cold."""
    if vehicle is not None and vehicle.bays:
        return tuple(Bay(str(name), int(boxes), bool(cold)) for name, boxes, cold in vehicle.bays)
    bays = [Bay("", departure.cap_boxes, False)] if AMBIENT in departure.tiers else []
    return (*bays, Bay("", departure.cap_boxes, True)) if set(departure.tiers) - {AMBIENT} else tuple(bays)


def sheet_of(session: Session, run: Run) -> Sheet:
    """The run's sheet as things stand; four queries."""
    departure = run.departure
    manifests = {m.stop: m for m in valid(session, departure)}
    loads = _loads(session, departure, manifests.values())
    vehicle = session.get(Vehicle, departure.vehicle_id) if departure.vehicle_id else None
    bays = bays_of(vehicle, departure)
    parts = [_stow(bays, loads, cold=cold) for cold in (False, True)]
    by_key = {load.key: load for load in loads}
    people = people_waiting(session, departure)
    stops = tuple(
        _work(call, manifests.get(call.position), parts, by_key)._replace(people=people.get(call.position, 0)) for call in run.calls
    )
    return Sheet(
        bays=bays,
        stops=stops,
        lifts=sum(part.lifts for part in parts),
        exact=all(part.exact for part in parts),
        left=tuple((by_key[group.key], group.boxes) for part in parts for group in part.left),
    )


def _loads(session: Session, departure: Departure, manifests: Iterable[Manifest]) -> list[Load]:
    rows: dict[tuple[int, int, str], list[tuple[int, str, int]]] = defaultdict(list)
    issued = set()
    for manifest in manifests:
        issued.add(manifest.stop)
        for code, alight, tier, grams, milli in manifest.rows:
            rows[manifest.stop, alight, tier].append((grams, code, milli))
    planned = (
        sql_select(*(col(c) for c in (PlannedLeg.board, PlannedLeg.alight, Parcel.tier, Parcel.grams, Parcel.code, Parcel.box_milli)))
        .join(Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .where(
            col(PlannedLeg.departure_id) == departure.id, col(PlannedLeg.voided_at).is_(None), col(Parcel.status) != ParcelStatus.CANCELLED,
            col(PlannedLeg.board).not_in(issued),
        )
    )  # fmt: skip
    for board, alight, tier, grams, code, milli in session.execute(planned):
        rows[board, alight, tier].append((grams, code, milli))
    loads = []
    for key, ((board, alight, tier), parcels) in enumerate(sorted(rows.items())):
        heavy_first = sorted(parcels, key=lambda p: (-p[0], p[1]))
        boxes = math.ceil(sum(milli for _, _, milli in parcels) / 1000)
        loads.append(Load(key, board, alight, tier, boxes, sum(g for g, _, _ in parcels), tuple(code for _, code, _ in heavy_first)))
    return loads


def _stow(bays: Sequence[Bay], loads: Iterable[Load], *, cold: bool) -> Stowed:
    mine = [Group(load.key, load.board, load.alight, load.boxes) for load in loads if (load.tier != AMBIENT) is cold]
    return stow([bay for bay in bays if bay.cold is cold], mine)


def _work(call: Call, manifest: Manifest | None, parts: Iterable[Stowed], loads: dict[int, Load]) -> StopWork:
    off: list[Piece] = []
    lifted: list[Piece] = []
    on: list[Piece] = []
    standing: list[tuple[Bay, tuple[Piece, ...]]] = []
    for part in parts:
        for bay, handling in part.bays:
            now: tuple[Group, ...] = ()
            for step in handling.steps:
                if step.stop > call.position:
                    break
                before, now = now, step.standing
                if step.stop == call.position:
                    stood, stands = _places(bay, before, loads), _places(bay, now, loads)
                    off += [stood[g] for g in reversed(before) if g in step.off]
                    lifted += [stood[g] for g in reversed(before) if g in step.lifted]
                    on += [stands[g] for g in step.on]
            if now:
                standing.append((bay, tuple(_places(bay, now, loads).values())))
    return StopWork(call, manifest, tuple(off), tuple(lifted), tuple(on), tuple(standing))


def _places(bay: Bay, standing: Sequence[Group], loads: dict[int, Load]) -> dict[Group, Piece]:
    places, inside = {}, 1
    for group in standing:
        places[group] = Piece(bay, loads[group.key], group.boxes, inside)
        inside += group.boxes
    return places
