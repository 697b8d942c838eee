"""What the dispatcher does with a group: makes it a run of its own, or says no. Everybody in it is told once.

The run is a trip of the county's line for customised trips, on a calendar of that single day: passengers find it on /travel, and goods
may ride along in what room they leave. A group is named by its requests; one of them taken back or answered meanwhile stops the deed,
so two dispatchers who confirm the same group make one run.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, i18n, notify, pii
from core.auth.models import User
from core.codes import new_code
from core.errors import Conflict, Refused
from core.money import format_fen
from core.status import StatusMoved, move
from core.upsert import Upsert
from fulfillment.network.models import Line, ServiceCalendar, StopTime, Trip, Vehicle
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import open_trip
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_kinds import LineKind
from supply.stations.models import Node, NodeKind

from .fleet import fleet
from .gathering import Gathered, together
from .models import TRIP_REQUEST, SpecialRun, TripRequest, TripRequestStatus
from .queries import asked_of
from .roads import SEA, RideMap, ride_map
from .service import RequestUnknown, places

_ = i18n.gettext
NUMBER, NAME = "定制", "定制客运"
CLOSE_MIN = 3
INK = 6
LAST_PLACE = 999  # after every line of the profile
LEAST_LUGGAGE = 20  # percent of the bay, however few ride
_NEW_LINE = Upsert(Line, lambda insert: insert.on_conflict_do_nothing(index_elements=["code"]))
_NEW_CALENDAR = Upsert(ServiceCalendar, lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "code"]))


class GroupMoved(Conflict):
    """Somebody of the group took their request back, or it was answered meanwhile."""

    code = "group_moved"


class VehicleTaken(Conflict):
    """Another run needs the vehicle at that time."""

    code = "vehicle_taken"


class Terms(NamedTuple):
    """How a group is to ride: the vehicle by its code, the first stop's minute, fen a seat, seats without which it does not pay."""

    vehicle: str
    leaves: int
    price_fen: int
    least: int


def confirm(session: Session, county: County, codes: Sequence[str], terms: Terms, *, by: str) -> SpecialRun:
    """Make a group a special run and tell those in it. Raises RequestUnknown, GroupMoved, VehicleTaken, Refused."""
    rows = _requests(session, county.id, codes)
    rides = ride_map(session, county.id)
    group, day = _group(rows, rides), rows[0].service_date
    vehicle = _vehicle(session, county.id, terms.vehicle)
    if not group.earliest <= terms.leaves <= group.latest or clock.on(day, terms.leaves) < clock.now():
        first, last = (f"{m // 60:02d}:{m % 60:02d}" for m in (group.earliest, group.latest))
        raise Refused(_("{first} 到 {last} 之间发车，大家才都赶得上").format(first=first, last=last), field="leaves")
    if vehicle.seats < group.seats:
        raise Refused(_("这辆车只有 {n} 个座").format(n=vehicle.seats), field="vehicle")
    if not fleet(session, county.id, [day]).is_free(vehicle, day, terms.leaves, terms.leaves + group.road.takes):
        raise VehicleTaken(_("这个时间这辆车有别的班次，换一辆或换个时间"), field="vehicle")
    if terms.least > group.booked:
        raise Refused(_("现在只有 {n} 个人，起开人数不能再多").format(n=group.booked), field="least")
    departure = _open(session, county, group, vehicle, day, terms.leaves, rides)
    run = SpecialRun(
        tenant_id=county.id, code=new_code("TS"), departure_id=departure.id or 0, price_fen=terms.price_fen, seats=vehicle.seats,
        least=terms.least, confirmed_by=by, confirmed_at=clock.now(),
    )  # fmt: skip
    session.add(run)
    session.flush()
    _answer(session, rows, "confirmed", by=by, values={"run_id": run.id})
    _tell_confirmed(session, rows, group, run, vehicle, day, terms)
    return run


def decline(session: Session, county: County, codes: Sequence[str], *, reason: str, by: str) -> None:
    """Say no to a group and why. Raises RequestUnknown, GroupMoved."""
    rows = _requests(session, county.id, codes)
    _answer(session, rows, "declined", by=by, note=reason, values={"reason": reason})
    tell_all(session, rows, {r.code: f"{_way(r, places(session, _ends(rows)))}的定制客运开不了：{reason}" for r in rows}, what="declined")


def _requests(session: Session, tenant_id: int, codes: Sequence[str]) -> list[TripRequest]:
    rows = list(
        session.exec(
            select(TripRequest).where(TripRequest.tenant_id == tenant_id, col(TripRequest.code).in_(codes)).order_by(col(TripRequest.id))
        ).all()
    )
    if not rows or len(rows) != len(set(codes)):
        raise RequestUnknown(_("没有这个请求"))
    if any(r.status != TripRequestStatus.ASKED for r in rows):
        raise GroupMoved(_("这一组有人撤回了，或已经答复过；看一看现在的"))
    return rows


def _group(rows: Sequence[TripRequest], rides: RideMap) -> Gathered:
    """The requests as one group, whatever vehicle takes them."""
    roads = [(r, rides.road(r.from_id, r.to_id)) for r in rows]
    asked = [asked_of(r, road) for r, road in roads if road is not None]
    group = together(asked, sum(r.seats for r in rows)) if len({r.service_date for r in rows}) == 1 and len(asked) == len(rows) else None
    if group is None:
        raise Refused(_("这几个请求坐不到一趟车上"), field="requests")
    return group


def _vehicle(session: Session, tenant_id: int, code: str) -> Vehicle:
    """Held until commit: two groups cannot take it at once."""
    row = session.exec(select(Vehicle).where(Vehicle.tenant_id == tenant_id, Vehicle.code == code).with_for_update()).first()
    if row is None:
        raise Refused(_("没有这辆车"), field="vehicle")
    return row


def _open(
    session: Session, county: County, group: Gathered, vehicle: Vehicle, day: date, leaves: int, rides: RideMap
) -> Departure:  # fmt: skip
    """The trip with its stops on the day, and its departure."""
    trip = Trip(
        tenant_id=county.id, code=new_code("TT"), line_id=_line(session, county, group.road.mode),
        calendar_id=_calendar(session, county, day), vehicle_id=vehicle.id, direction=_direction(session, county.id, group, rides),
        passenger_pct=min(100, max(LEAST_LUGGAGE, -(-100 * group.seats // vehicle.seats))),
    )  # fmt: skip
    session.add(trip)
    session.flush()
    session.add_all(
        StopTime(trip_id=trip.id or 0, position=n, tenant_id=county.id, node_id=node, arr_min=minute, dep_min=minute)
        for n, (node, minute) in enumerate(group.calls(leaves))
    )
    session.flush()
    return open_trip(session, trip, day)


def _line(session: Session, county: County, mode: str) -> int:
    """The county's line for customised trips, made when first needed; goods pay the dearest boarding of its kind."""
    kind = LineKind.FERRY if mode == SEA else LineKind.BUS
    code = f"{policy_of(county).prefix}-custom-{mode}"
    fee = session.exec(select(func.max(Line.fee_fen)).where(Line.tenant_id == county.id, Line.kind == kind)).one() or 0
    row = {
        "tenant_id": county.id, "code": code, "number": NUMBER, "name": NAME, "kind": kind.value, "mode": mode, "ink": INK,
        "position": LAST_PLACE, "fee_fen": fee, "close_min": CLOSE_MIN, "max_wind": None, "operator": "", "published": True,
    }  # fmt: skip
    _NEW_LINE.run(session, row)
    return session.exec(select(Line.id).where(Line.code == code)).one() or 0


def _calendar(session: Session, county: County, day: date) -> int:
    """The calendar of that single day."""
    code = f"{policy_of(county).prefix}-custom-{day.isoformat()}"
    row = {
        "tenant_id": county.id, "code": code, "weekdays": 0, "months": list(range(1, 13)), "starts_on": day, "ends_on": day,
        "added": [day.isoformat()], "removed": [],
    }  # fmt: skip
    _NEW_CALENDAR.run(session, row)
    found = select(ServiceCalendar.id).where(ServiceCalendar.tenant_id == county.id, ServiceCalendar.code == code)
    return session.exec(found).one() or 0


def _direction(session: Session, tenant_id: int, group: Gathered, rides: RideMap) -> str:
    """Towards the hub or away from it, by the drive that is left."""
    hubs = session.exec(select(Node.id).where(Node.tenant_id == tenant_id, Node.kind == NodeKind.HUB)).all()

    def left(node: int) -> int:
        return min((road.takes for hub in hubs if hub and (road := rides.road(node, hub))), default=0)

    return "in" if left(group.road.nodes[-1]) <= left(group.road.nodes[0]) else "out"


def _answer(
    session: Session, rows: Sequence[TripRequest], target: str, *, by: str, note: str = "", values: dict[str, object]
) -> None:  # fmt: skip
    try:
        for row in rows:
            move(
                session, TripRequest, row.id or 0, "status", TRIP_REQUEST, "asked", target,
                tenant_id=row.tenant_id, subject=row.code, by=by, note=note, values=values,
            )  # fmt: skip
    except StatusMoved as moved:
        raise GroupMoved(_("这一组有人撤回了，或已经答复过；看一看现在的")) from moved


def _tell_confirmed(
    session: Session, rows: Sequence[TripRequest], group: Gathered, run: SpecialRun, vehicle: Vehicle, day: date, terms: Terms
) -> None:
    minutes, names = dict(group.calls(terms.leaves)), places(session, _ends(rows))
    price = f"每人 {format_fen(run.price_fen)} 元" if run.price_fen else "不收钱"
    words = {}
    for r in rows:
        at = clock.local(clock.on(day, minutes[r.from_id]))
        words[r.code] = (
            f"你要的定制客运定了：{at.month} 月 {at.day} 日 {at:%H:%M} 在{names[r.from_id].name}上车，"
            f"去{names[r.to_id].name}，{r.seats} 个座，车牌 {vehicle.plate}，{price}"
        )
    tell_all(session, rows, words, what="confirmed")


def tell_all(session: Session, rows: Sequence[TripRequest], words: dict[str, str], *, what: str) -> None:
    """Say to each asker what became of their request, once."""
    users = {u.id: u for u in session.exec(select(User).where(col(User.id).in_({r.user_id for r in rows})))}
    for r in rows:
        user = users[r.user_id]
        phone = pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}")
        notify.tell(session, phone, words[r.code], tenant_id=r.tenant_id, key=f"{r.code}:{what}")


def _ends(rows: Sequence[TripRequest]) -> set[int]:
    return {r.from_id for r in rows} | {r.to_id for r in rows}


def _way(r: TripRequest, names: dict[int, Node]) -> str:
    return f"{r.service_date.month} 月 {r.service_date.day} 日{names[r.from_id].name}到{names[r.to_id].name}"
