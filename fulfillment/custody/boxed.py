"""Where a turnover box was when, read from the set of its scans; its moves are those of every parcel in it.

As with parcels the order in which scans arrived does not matter, and what cannot be true is named and left out: a box that one
vehicle has on the road was not put on another. Wherever else a box is seen, there it is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import i18n
from fulfillment.boxes.models import Box
from fulfillment.manifests.models import Manifest, ManifestBox
from fulfillment.network.models import Line, StopTime
from fulfillment.network.words import kept_words
from fulfillment.timetable.models import Departure
from supply.stations.models import Node

from .chain import Doubt, Seen, in_order
from .models import Action
from .places import Places

TWICE = i18n.kept("两辆车都扫了这箱，先扫的那辆在责")
ELSEWHERE = i18n.kept("这箱不在这班车的路上，少了一次扫码")
OTHER_RUN = i18n.kept("这箱不该上这班车，清单上写的是{line}")


class Named(NamedTuple):
    """A manifest says a box boards this departure at this node."""

    departure: str
    line: str  # what people call it
    node: str
    ends_at: datetime
    issued_at: datetime
    voided_at: datetime | None

    def holds(self, node: str, at: datetime) -> bool:
        return self.node == node and self.issued_at <= at <= self.ends_at and (self.voided_at is None or at < self.voided_at)


class BoxScan(NamedTuple):
    """A scan of a box; `parcel` is the one put into it, empty where the box itself was scanned."""

    seen: Seen
    parcel: str


class Track(NamedTuple):
    """`moves` for everything in the box, or for the one parcel they name; `since` is when it came to `place`, None: it always was there."""

    place: str
    since: datetime | None
    moves: Sequence[BoxScan]
    doubts: Sequence[Doubt]

    def moves_of(self, parcel: str) -> list[Seen]:
        return [move.seen for move in self.moves if move.parcel in ("", parcel)]


def read_track(scans: Iterable[BoxScan], *, home: str, places: Places, named: Sequence[Named] = ()) -> Track:
    """The road of one box that began at its home."""
    put_in = {scan.seen.event_id: scan.parcel for scan in scans}
    place, since = home, None
    moves: list[BoxScan] = []
    doubts: list[Doubt] = []
    for scan in in_order(s.seen for s in scans):
        if scan.action == Action.DISPATCH:  # what was in it goes with the carrier, the box stays
            moves.append(BoxScan(scan, ""))
            continue
        aboard = scan.place in places.departures
        if aboard and place != scan.place and place in places.departures and scan.at < places.road_ends[place]:
            doubts.append(Doubt("wrong_place", scan.event_id, TWICE))
            continue
        if aboard and place != scan.place:
            doubts += _why_not(scan, place, places, named)
        if place != scan.place:  # before what is told with it, in the same moment
            moved = scan._replace(action=(Action.LOAD if aboard else Action.RECEIVE).value, told=scan.action)
            moves.append(BoxScan(moved, ""))
            place = scan.place
        since = scan.at
        if scan.action in (Action.STOW, Action.UNSTOW):
            moves.append(BoxScan(scan, put_in[scan.event_id]))
    return Track(place, since, moves, doubts)


def _why_not(scan: Seen, place: str, places: Places, named: Sequence[Named]) -> list[Doubt]:
    """It comes from where this departure does not call, or another manifest has it."""
    if place in places.nodes and place not in places.stops_of_line(places.departures[scan.place]):
        return [Doubt("missing_scan", scan.event_id, ELSEWHERE)]
    due = [n for n in named if n.holds(place, scan.at)]
    wrong = due and scan.place not in {n.departure for n in due}
    return [Doubt("wrong_place", scan.event_id, OTHER_RUN.format(line=due[0].line))] if wrong else []


def read_tracks(
    session: Session, scans: Mapping[str, Collection[BoxScan]], places: Places, *, tenant_id: int
) -> dict[str, Track]:  # fmt: skip
    """The tracks of these boxes by code; two queries however many, none for none."""
    if not scans:
        return {}
    homes = select(Box.code, Node.code).join(Node, col(Node.id) == col(Box.home_id)).where(col(Box.code).in_(scans))
    named = _named(session, scans.keys(), tenant_id)
    return {
        code: read_track(scans[code], home=home, places=places, named=named.get(code, ()))
        for code, home in session.exec(homes.where(Box.tenant_id == tenant_id)).all()
    }


def _named(session: Session, boxes: Collection[str], tenant_id: int) -> dict[str, list[Named]]:
    query = (
        sql_select(
            *(col(c) for c in (Box.code, Departure.code, Line.number, Line.kind, Node.code, Departure.ends_at, Departure.delay_min)),
            *(col(c) for c in (Manifest.issued_at, Manifest.voided_at)),
        )
        .join_from(ManifestBox, Manifest, col(Manifest.id) == col(ManifestBox.manifest_id))
        .join(Box, col(Box.id) == col(ManifestBox.box_id))
        .join(Departure, col(Departure.id) == col(Manifest.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(Manifest.stop)))
        .join(Node, col(Node.id) == col(StopTime.node_id))
        .where(col(Box.tenant_id) == tenant_id, col(Box.code).in_(boxes))
        .order_by(col(Manifest.id))
    )
    found: dict[str, list[Named]] = {}
    for box, departure, number, kind, node, ends_at, delay, *held in session.execute(query):
        found.setdefault(box, []).append(Named(departure, kept_words(number, kind), node, ends_at + timedelta(minutes=delay), *held))
    return found
