"""A parcel's road in plain words, without anybody's name: planned ahead, scanned behind."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock, i18n
from core.errors import NotFound
from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.custody.models import Custody
from fulfillment.custody.rides import Holder, Ride, planned_rides, to_board
from fulfillment.network.models import Line, Trunk
from fulfillment.network.words import behind_words, line_words
from fulfillment.timetable.board import Run, find_run
from fulfillment.timetable.models import Departure
from supply.stations.models import Node, Station

from .api_shapes import Track

ENDED = (ParcelStatus.LOST, ParcelStatus.CANCELLED, ParcelStatus.RETURNED)  # nothing more is promised


class ParcelUnknown(NotFound):
    """No such parcel in this county."""

    code = "parcel_unknown"


class Step(NamedTuple):
    """`state` is done, now or todo; `note` begins with the day where it changes. Of a step `on_day` only the day is promised."""

    state: str
    at: datetime | None
    what: str
    note: str = ""
    line_no: str = ""
    line_ink: int = 0
    by: str = ""
    on_day: bool = False
    is_late: bool = False


class HandOver(NamedTuple):
    """A parcel came into other hands, as scanned. `name` is the line's, the carrier's or the node's."""

    kind: str  # departure | carrier | station | hub
    at: datetime
    name: str
    line: Line | None = None  # of a departure


class Road(NamedTuple):
    parcel: Parcel
    consignment: Consignment
    station: Station
    headline: str
    steps: list[Step]
    is_late: bool = False  # later than promised, or will be
    expected: datetime | None = None  # when it is still to arrive; None once that has passed and nobody knows


def status_words() -> dict[str, str]:
    _ = i18n.gettext
    return {
        "expected": _("等驿站打包"), "packed": _("已打包，等车"), "moving": _("在路上"), "at_hub": _("到了县共配中心"),
        "on_trunk": _("已交干线，离开本县"),
        "delivered": _("已送到"),
        "returned": _("退回中"), "lost": _("正在查找"), "cancelled": _("已取消"),
    }  # fmt: skip


def road_of(session: Session, tenant_id: int, code: str) -> Road:
    """The whole road of one parcel. Raises ParcelUnknown."""
    parcel = session.exec(select(Parcel).where(Parcel.tenant_id == tenant_id, Parcel.code == code)).first()
    if parcel is None:
        raise ParcelUnknown("没有这个包裹，请核对面单上的编号")
    consignment = session.get(Consignment, parcel.consignment_id)
    station = session.get(Station, parcel.station_id)
    assert consignment is not None
    assert station is not None
    held = list(session.exec(select(Custody).where(Custody.parcel_code == code).order_by(col(Custody.began_at), col(Custody.id))))
    late, expected = _is_late(parcel), _expected(parcel)
    steps = _behind(parcel, station, _named(session, held)) + _ahead(session, parcel, held, late=late, expected=expected)
    return Road(parcel, consignment, station, _headline(parcel, held), _name_days(_mark_now(parcel, steps)), late, expected)


def _headline(parcel: Parcel, held: Sequence[Custody]) -> str:
    if parcel.status == ParcelStatus.ON_TRUNK and held and held[-1].holder_kind == "courier":
        return i18n.gettext("正在送上门")
    return status_words()[parcel.status]


def _is_late(parcel: Parcel) -> bool:
    """Against what was promised: delivered after it, planned after it, or still not there when it has passed."""
    if parcel.status in ENDED:
        return False
    last = parcel.delivered_at if parcel.status == ParcelStatus.DELIVERED else parcel.arrives_at
    return (last or parcel.due_at) > parcel.due_at or (parcel.status != ParcelStatus.DELIVERED and parcel.due_at < clock.now())


def _expected(parcel: Parcel) -> datetime | None:
    return next((at for at in (parcel.arrives_at, parcel.due_at) if at is not None and at >= clock.now()), None)


def hand_overs(session: Session, parcels: Collection[str]) -> dict[str, list[HandOver]]:
    """Each parcel's hand-overs, oldest first. Four queries, however many parcels."""
    rows = session.exec(select(Custody).where(col(Custody.parcel_code).in_(parcels)).order_by(col(Custody.began_at), col(Custody.id)))
    held = list(rows)
    found: dict[str, list[HandOver]] = {code: [] for code in parcels}
    for custody, taken in zip(held, _named(session, held), strict=True):
        found[custody.parcel_code].append(taken)
    return found


def _named(session: Session, held: list[Custody]) -> list[HandOver]:
    codes = {h.holder_code for h in held}
    if not codes:
        return []
    nodes = dict(session.exec(select(col(Node.code), col(Node.name)).where(col(Node.code).in_(codes))).all())
    trunks = dict(session.exec(select(col(Trunk.code), col(Trunk.name)).where(col(Trunk.code).in_(codes))).all())
    riding = select(col(Departure.code), Line).join(Line, col(Line.id) == col(Departure.line_id)).where(col(Departure.code).in_(codes))
    lines = dict(session.exec(riding).all())
    found = []
    for h in held:
        line = lines.get(h.holder_code) if h.holder_kind == "departure" else None
        names = trunks if h.holder_kind == "carrier" else nodes
        found.append(HandOver(h.holder_kind, h.began_at, line.name if line else names.get(h.holder_code, h.holder_code), line))
    return found


def _behind(parcel: Parcel, station: Station, taken: list[HandOver]) -> list[Step]:
    _ = i18n.gettext
    steps = [] if taken else [Step("done", parcel.ready_at if parcel.packed_at else None, _("%(name)s接单") % {"name": station.name})]
    for n, hand in enumerate(taken):
        if line := hand.line:
            road = _("上了%(line)s") % {"line": behind_words(line_words(line.number, line.kind))}
            steps.append(Step("done", hand.at, road, line.name, line_no=line.number, line_ink=line.ink))
        elif hand.kind == "courier":
            steps.append(Step("done", hand.at, _("送货员带着送上门")))
        elif hand.kind == "carrier":
            steps.append(Step("done", hand.at, _("交给%(who)s") % {"who": hand.name}, by="trunk"))
        else:
            what = _("%(name)s打好包") if n == 0 else _("到了%(name)s")
            steps.append(Step("done", hand.at, what % {"name": hand.name}))
    if parcel.status == ParcelStatus.DELIVERED:
        steps.append(Step("done", parcel.delivered_at, _("已送到")))
    return steps


def _ahead(session: Session, parcel: Parcel, held: list[Custody], *, late: bool, expected: datetime | None) -> list[Step]:
    """What of the plan is still to come, then the trunk and the arrival; where nothing is planned, what it waits for."""
    _ = i18n.gettext
    if parcel.status in (ParcelStatus.DELIVERED, *ENDED):
        return []
    holders = [Holder(h.holder_kind, h.holder_code) for h in held]
    rides = planned_rides(session, [parcel.id or 0]).get(parcel.id or 0, [])
    aboard = next((h.holder_code for h in held if h.ended_at is None and h.holder_kind == "departure"), "")
    steps: list[Step] = []
    for ride in [ride for ride in rides if ride.departure == aboard] + to_board(rides, holders):
        run = find_run(session, parcel.tenant_id, ride.departure)
        if run is not None:
            steps += _ride_steps(run, ride, boarded=ride.departure == aboard)
    trunk = session.get(Trunk, parcel.trunk_id) if parcel.trunk_id else None
    dispatched = any(h.kind in ("carrier", "courier") for h in holders)
    if trunk is not None and not dispatched and (parcel.trunk_at is None or parcel.trunk_at >= clock.now()):
        steps.append(Step("todo", parcel.trunk_at, _("%(name)s出县") % {"name": trunk.name}, by="trunk"))
    elif not steps and not dispatched:
        steps.append(Step("todo", None, _("等下一班干线") if parcel.status == ParcelStatus.AT_HUB else _("等调度排下一程")))
    said = _("比答应的晚，原来说%(day)s") % {"day": i18n.day(parcel.due_at)} if late else ""
    steps.append(Step("todo", expected, _("送到"), said, on_day=True, is_late=late))
    return steps


def _ride_steps(run: Run, ride: Ride, *, boarded: bool) -> list[Step]:
    _ = i18n.gettext
    board, alight = run.call(ride.board), run.call(ride.alight)
    steps = []
    if not boarded:
        line = behind_words(line_words(run.line.number, run.line.kind))
        what = _("坐 %(t)s 的%(line)s") % {"t": clock_words(board.leaves_at), "line": line}
        steps.append(Step("todo", board.leaves_at, what, board.name, line_no=run.line.number, line_ink=run.line.ink))
    return [*steps, Step("todo", alight.arrives_at, _("到%(name)s") % {"name": alight.name})]


def clock_words(at: datetime) -> str:
    return f"{clock.local(at):%H:%M}"


def _name_days(steps: list[Step]) -> list[Step]:
    """The first step of each day says which day it is."""
    named, before = [], None
    for step in steps:
        day = clock.business_date(step.at) if step.at else before
        first = step.at is not None and day != before and not step.on_day  # that one shows its day already
        named.append(step._replace(note=" · ".join(w for w in (i18n.day(step.at), step.note) if w)) if first and step.at else step)
        before = day
    return named


def _mark_now(parcel: Parcel, steps: list[Step]) -> list[Step]:
    """The last thing that happened is where it is now."""
    if parcel.status == ParcelStatus.DELIVERED:
        return steps
    done = [n for n, s in enumerate(steps) if s.state == "done"]
    return [s._replace(state="now") if done and n == done[-1] else s for n, s in enumerate(steps)]


def road_as_json(road: Road) -> Track:
    """What anybody with the code may read."""
    parcel = road.parcel
    return {
        "parcel": parcel.code, "status": parcel.status, "words": road.headline,
        "station": {"code": road.station.code, "name": road.station.name}, "tier": parcel.tier, "weight_g": parcel.grams,
        "deliver_by": clock.local(parcel.due_at), "late": road.is_late,
        "arrives_at": clock.local(parcel.arrives_at) if parcel.arrives_at else None,
        "delivered_at": clock.local(parcel.delivered_at) if parcel.delivered_at else None,
        "events": [
            {"state": s.state, "at": clock.local(s.at) if s.at else None, "words": s.what, "note": s.note, "line": s.line_no or None}
            for s in road.steps
        ],
    }  # fmt: skip
