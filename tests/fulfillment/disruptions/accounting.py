"""Where every parcel is, counted independently of the code under test: plain rows, added up by hand."""

import math
from collections import Counter, defaultdict
from itertools import pairwise

from sqlmodel import Session, col, select

from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Parcel
from fulfillment.custody.models import Custody
from fulfillment.manifests.models import Manifest
from fulfillment.network.models import StopTime
from fulfillment.timetable.models import Departure

WAITING = {"expected", "packed", "moving", "at_hub"}


def account(session: Session, codes: set[str]) -> None:
    """Every parcel once, in one pair of hands, on legs that join and run; no stretch fuller than it may be; manifests as loaded."""
    parcels = {p.id or 0: p for p in session.exec(select(Parcel))}
    assert {p.code for p in parcels.values()} == codes, "none lost, none doubled"
    holders = Counter(session.exec(select(Custody.parcel_code).where(col(Custody.ended_at).is_(None))).all())
    assert not [code for code, n in holders.items() if n > 1]
    departures = {d.id or 0: d for d in session.exec(select(Departure))}
    stops: dict[int, dict[int, StopTime]] = defaultdict(dict)
    for stop in session.exec(select(StopTime)):
        stops[stop.trip_id][stop.position] = stop
    legs = session.exec(
        select(PlannedLeg).where(col(PlannedLeg.voided_at).is_(None)).order_by(col(PlannedLeg.parcel_id), col(PlannedLeg.position))
    ).all()
    by_parcel: dict[int, list[PlannedLeg]] = defaultdict(list)
    for leg in legs:
        by_parcel[leg.parcel_id].append(leg)
        assert departures[leg.departure_id].status != "cancelled"
        assert leg.board < leg.alight
    for own in by_parcel.values():
        assert [leg.position for leg in own] == list(range(own[0].position, own[0].position + len(own))), "positions follow each other"
        for before, after in pairwise(own):
            set_down, taken_up = (
                stops[departures[leg.departure_id].trip_id][position] for leg, position in ((before, before.alight), (after, after.board))
            )
            assert set_down.node_id == taken_up.node_id, "a leg begins where the one before ended"
    _room(legs, parcels, departures)
    _manifests(session, legs, parcels)


def _room(legs, parcels, departures) -> None:  # type: ignore[no-untyped-def]
    grams: Counter[tuple[int, int]] = Counter()
    milli: Counter[tuple[int, int, int, str]] = Counter()
    boxes: Counter[tuple[int, int]] = Counter()
    for leg in legs:
        parcel = parcels[leg.parcel_id]
        milli[leg.departure_id, leg.board, leg.alight, parcel.tier] += parcel.box_milli
        for segment in range(leg.board, leg.alight):
            grams[leg.departure_id, segment] += parcel.grams
    for (departure, board, alight, _), share in milli.items():
        for segment in range(board, alight):
            boxes[departure, segment] += math.ceil(share / 1000)
    for (departure, _), carried in grams.items():
        assert carried <= departures[departure].cap_g
    for (departure, _), carried in boxes.items():
        assert departures[departure].cap_boxes is None or carried <= departures[departure].cap_boxes


def _manifests(session: Session, legs, parcels) -> None:  # type: ignore[no-untyped-def]
    loads: dict[tuple[int, int], set[str]] = defaultdict(set)
    for leg in legs:
        loads[leg.departure_id, leg.board].add(parcels[leg.parcel_id].code)
    valid = session.exec(select(Manifest).where(col(Manifest.voided_at).is_(None))).all()
    assert len({(m.departure_id, m.stop) for m in valid}) == len(valid), "one is valid at a stop"
    for manifest in valid:
        assert {row[0] for row in manifest.rows} == loads[manifest.departure_id, manifest.stop], manifest.code
