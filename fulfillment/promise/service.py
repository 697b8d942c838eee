"""What a buyer can be told: the zone of an address, its freight, and the promise read from the board."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from threading import Lock
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock
from core.quantity import started_kg
from core.settings import settings
from fulfillment.batching.loads import leg_loads
from fulfillment.batching.residual import trunks_left
from fulfillment.batching.roads import DAYS, read_roads
from fulfillment.network.models import FreightTariff, Place, Zone
from fulfillment.network.rules import hub_rules
from supply.counties.models import County
from supply.stations.models import Station

from .board import DayBoard, Origin, Promise, Size, make_board, size_class
from .hours import Hours, ready_at
from .serving import End
from .stamp import Stamp, changed_here, recent_stamp
from .words import to_the_door

__all__ = ["Asked", "Promise", "Size", "freight", "promise", "promises", "provinces", "zone_of"]

_boards: dict[tuple[str, int, date], DayBoard] = {}
_making = Lock()
KEPT = 4


class Area(NamedTuple):
    """A zone as an address finds it."""

    code: str
    name: str
    in_county: bool


class Reach(NamedTuple):
    """Where a county's goods go at all, and for how much: places by (province, city, district), tariffs by (zone, tier)."""

    areas: Mapping[tuple[str, str, str], Area]
    tariffs: Mapping[tuple[str, str], tuple[int, int]]  # base fen, fen per started kg


_reaches: dict[tuple[str, int], Reach] = {}


class Asked(NamedTuple):
    """One question to the board; `zone` is a zone's code, `shelf_days` None of what keeps for ever.

    With `to` it is asked how soon a node of the county is reached from station to station, through the hub only where that is quicker.
    """

    station_id: int
    tier: str
    zone: str
    size: Size | None = None
    shelf_days: int | None = None
    to: End | None = None


def _reach(session: Session, tenant_id: int) -> Reach:
    """Read once a process: places and tariffs come with the county's profile."""
    key = (settings.url, tenant_id)
    if (known := _reaches.get(key)) is not None:
        return known
    placed = session.exec(
        select(Place, Zone)
        .join(Zone, (col(Zone.code) == col(Place.zone)) & (col(Zone.tenant_id) == col(Place.tenant_id)))
        .where(Place.tenant_id == tenant_id)
        .order_by(Place.zone, Place.province)
    )
    areas = {(place.province, place.city, place.district): Area(zone.code, zone.name, zone.in_county) for place, zone in placed}
    tariffs = session.exec(select(FreightTariff).where(FreightTariff.tenant_id == tenant_id))
    found = Reach(areas, {(t.zone, t.tier): (t.base_fen, t.per_kg_fen) for t in tariffs})
    if areas and found.tariffs:  # a county that is being loaded is read again
        _reaches[key] = found
    return found


def zone_of(session: Session, tenant_id: int, province: str, city: str, district: str) -> Area | None:
    """The zone an address lies in: by district, else city, else province; None where nothing goes."""
    areas = _reach(session, tenant_id).areas
    exact = [(province, city, district), (province, city, ""), (province, "", "")]
    return next((areas[key] for key in exact if key in areas), None)


def provinces(session: Session, tenant_id: int) -> list[str]:
    """Where anything goes at all, nearest zone first."""
    return list(dict.fromkeys(province for province, _, _ in _reach(session, tenant_id).areas))


def freight(session: Session, tenant_id: int, *, zone: str, tier_grams: Mapping[str, int]) -> int | None:
    """Fen for one order: per tier one base plus an amount per started kg of gross weight; None where a tier has no tariff."""
    tariffs = _reach(session, tenant_id).tariffs
    asked = [(tariffs.get((zone, tier)), grams) for tier, grams in tier_grams.items()]
    amounts = [tariff[0] + tariff[1] * started_kg(grams) for tariff, grams in asked if tariff]
    return sum(amounts) if len(amounts) == len(asked) else None


def promise(
    session: Session, county: County, *, station_id: int, tier: str, zone: str, size: Size | None = None, shelf_days: int | None = None,
    at: datetime | None = None,
) -> Promise | None:  # fmt: skip
    """The promise for one parcel from one station; None where no road exists."""
    asked = Asked(station_id, tier, zone, size, shelf_days)
    return promises(session, county, [asked], at=at)[asked]


def promises(session: Session, county: County, asked: Iterable[Asked], *, at: datetime | None = None) -> dict[Asked, Promise | None]:
    """Many at once: at most one query for the roads' number, one for the stations not yet known to the board.

    Told is what can be ordered until the next whole five minutes: what is said to be ordered by then is not past yet.
    """
    at = at or clock.now()
    wanted = list(dict.fromkeys(asked))
    if not wanted:
        return {}
    board = day_board(session, county, clock.business_date(at))
    origins = _origins(session, county.id, board, {a.station_id for a in wanted})
    opened = {origin.hours for origin in origins.values()}
    packed = {hours: board.roads.minute(ready_at(at, hours)) for hours in opened}  # it ages from here on
    ready = {hours: board.roads.minute(ready_at(clock.next_mark(at), hours)) for hours in opened}

    def told(a: Asked) -> Promise | None:
        if (origin := origins.get(a.station_id)) is None:
            return None
        spoils = None if a.shelf_days is None or a.shelf_days > DAYS else packed[origin.hours] + a.shelf_days * 1440
        if a.to is not None:
            return _inside(board, origin, a, a.to, at, ready=ready[origin.hours], spoils=spoils)
        return board.promise(origin, a.zone, a.tier, size_class(a.size), ready=ready[origin.hours], spoils=spoils)

    return {a: told(a) for a in wanted}


def _inside(
    board: DayBoard, origin: Origin, a: Asked, end: End, at: datetime, *, ready: float, spoils: float | None
) -> Promise | None:  # fmt: skip
    """To a node of the county, and on to the door or until its receiver may fetch it."""
    found: Promise | None
    if origin.code == end.code:  # its receiver comes to where it is packed
        there = board.roads.instant(ready)
        found = Promise(clock.next_mark(at), there, there, [])
    else:
        found = board.inward(origin, end.code, a.tier, size_class(a.size), ready=ready, spoils=spoils)
    if found is None:
        return None
    path = [*found.path, to_the_door(end, found.deliver_by)] if end.door else found.path
    handed = end.handed_over(found.deliver_by)
    return found._replace(deliver_by=handed, path=path, to_node_id=end.node_id, door_min=end.door_min)


def _origins(session: Session, tenant_id: int, board: DayBoard, station_ids: set[int]) -> dict[int, Origin]:
    if not station_ids <= board.origins.keys():
        rows = select(Station.node_id, Station.code, Station.opens_min, Station.closes_min).where(Station.tenant_id == tenant_id)
        board.origins.update({node: Origin(code, Hours(opens, closes)) for node, code, opens, closes in session.exec(rows)})
    return board.origins


def day_board(session: Session, county: County, day: date) -> DayBoard:
    """The day's board, made anew when the roads or the shares of lanes changed; a few days are kept so that history can be replayed.

    A session that changed roads keeps boards of its own: what it sees may yet be rolled back.
    """
    now = recent_stamp(session, county.id)
    key = (settings.url, county.id, day)
    boards = session.info.setdefault("road_boards", {}) if changed_here(session) else _boards
    if (board := boards.get(key)) and board.stamp == now:
        return board
    with _making:
        if (board := boards.get(key)) and board.stamp == now:
            return board
        board = _make(session, county, day, now, board or _boards.get(key))
        boards.pop(key, None)
        boards[key] = board
        while len(boards) > KEPT:
            boards.pop(next(iter(boards)))
        return board


def _make(session: Session, county: County, day: date, now: Stamp, last: DayBoard | None) -> DayBoard:
    roads = read_roads(session, county.id, day, DAYS)
    loads = leg_loads(session, county.id, first=roads.first, last=roads.last)
    return make_board(roads, hub_rules(county), loads, trunks_left(session, county.id, roads), now, last=last)
