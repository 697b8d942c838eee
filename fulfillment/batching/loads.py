"""What is planned onto departures, by leg and by segment."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from fulfillment.consignments.models import Parcel, ParcelStatus
from fulfillment.timetable.models import Departure

from .models import PlannedLeg
from .roads import TrunkDay


class LegLoad(NamedTuple):
    """Everything of one tier that boards at one stop and leaves at another: a whole number of boxes."""

    departure_id: int
    board: int  # stop positions on the trip
    alight: int
    tier: str
    parcels: int
    grams: int
    ml: int
    box_milli: int

    @property
    def boxes(self) -> int:
        return math.ceil(self.box_milli / 1000)


@dataclass
class SegmentLoad:
    """What rides on one stretch between two stops."""

    grams: int = 0
    ml: int = 0
    chilled_ml: int = 0
    boxes: int = 0
    parcels: int = 0


def leg_loads(
    session: Session,
    tenant_id: int,
    *,
    first: date | None = None,
    last: date | None = None,
    departure_ids: Collection[int] | None = None,
    where: ColumnElement[bool] | None = None,
) -> list[LegLoad]:
    """Active planned legs summed by departure, stops and tier, for service days or for named departures; one query.

    `where` narrows the parcels that count.
    """
    asked = (
        select(
            PlannedLeg.departure_id, PlannedLeg.board, PlannedLeg.alight, Parcel.tier,
            func.count(), func.sum(Parcel.grams), func.sum(Parcel.ml), func.sum(Parcel.box_milli),
        )  # type: ignore[call-overload]
        .join(Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .where(PlannedLeg.tenant_id == tenant_id, col(PlannedLeg.voided_at).is_(None), Parcel.status != ParcelStatus.CANCELLED)
        .group_by(col(PlannedLeg.departure_id), col(PlannedLeg.board), col(PlannedLeg.alight), col(Parcel.tier))
    )  # fmt: skip
    if departure_ids is not None:
        asked = asked.where(col(PlannedLeg.departure_id).in_(departure_ids))
    if first and last:
        asked = asked.join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        asked = asked.where(col(Departure.service_date).between(first, last))
    if where is not None:
        asked = asked.where(where)
    return [LegLoad(d, b, a, t, int(n), int(g), int(ml), int(milli)) for d, b, a, t, n, g, ml, milli in session.exec(asked)]


def trunk_grams(
    session: Session, tenant_id: int, days: Mapping[str, TrunkDay], *, where: ColumnElement[bool] | None = None
) -> dict[str, int]:
    """Grams that parcels (those that `where` admits) were given or sent by each of these trunk days, by the days' keys."""
    keys = {(day.id, day.leaves_at): key for key, day in days.items()}
    asked = (
        select(col(Parcel.trunk_id), col(Parcel.trunk_at), func.sum(Parcel.grams))
        .where(Parcel.tenant_id == tenant_id, col(Parcel.trunk_at).in_({at for _, at in keys}), Parcel.status != ParcelStatus.CANCELLED)
        .group_by(col(Parcel.trunk_id), col(Parcel.trunk_at))
    )
    if where is not None:
        asked = asked.where(where)
    return {keys[trunk, at]: int(grams) for trunk, at, grams in session.exec(asked) if trunk and at and (trunk, at) in keys}


def by_segment(loads: Iterable[LegLoad]) -> dict[tuple[int, int], SegmentLoad]:
    """Load per (departure id, position of the stop the stretch starts at)."""
    segments: dict[tuple[int, int], SegmentLoad] = defaultdict(SegmentLoad)
    for load in loads:
        for position in range(load.board, load.alight):
            here = segments[load.departure_id, position]
            here.grams += load.grams
            here.ml += load.ml
            here.chilled_ml += 0 if load.tier == "ambient" else load.ml
            here.boxes += load.boxes
            here.parcels += load.parcels
    return segments


def fullest(segments: Iterable[SegmentLoad]) -> SegmentLoad:
    """The worst figure of each kind over a departure's stretches."""
    worst = SegmentLoad()
    for each in segments:
        worst.grams = max(worst.grams, each.grams)
        worst.ml = max(worst.ml, each.ml)
        worst.chilled_ml = max(worst.chilled_ml, each.chilled_ml)
        worst.boxes = max(worst.boxes, each.boxes)
        worst.parcels = max(worst.parcels, each.parcels)
    return worst
