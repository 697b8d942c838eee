"""Inside the county: which node serves an address, and when a parcel that has come there is in its receiver's hands.

All of it is the county's data, read once a process. An address is read for the names of towns and villages; one that names
neither, or a village of two towns without its town, is served by nobody here and goes out by a trunk of the county's own.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from core import clock
from core.settings import settings
from fulfillment.network.models import DoorRound, ServedArea
from supply.stations.models import Node, Station

from .hours import Hours

NOT_A_STREET = "(?![路街巷弄道])"  # 山前路 is no house in 山前


class Door(NamedTuple):
    """Rounds of a day from `first` to `last` (minutes after midnight), every so many; 0: called for each parcel."""

    kind: str
    first: int
    last: int
    every_min: int
    minutes: int  # the longest way to a door

    def leaves_at(self, there: datetime) -> datetime:
        """The first round that takes along what is there by then."""
        day = clock.business_date(there)
        begins, ends = clock.on(day, self.first), clock.on(day, self.last)
        if there <= begins:
            return begins
        if self.every_min == 0:
            leaves = there
        else:
            minute = timedelta(minutes=self.every_min)
            leaves = begins - (begins - there) // minute * minute
        return leaves if leaves <= ends else clock.on(day + timedelta(days=1), self.first)


class End(NamedTuple):
    """A node parcels may end at: fetched there in its hours (None: at any time), or taken on to the door."""

    node_id: int
    code: str
    name: str
    hours: Hours | None
    door: Door | None

    @property
    def door_min(self) -> int | None:
        return self.door.minutes if self.door else None

    def handed_over(self, arrives: datetime) -> datetime:
        """When its receiver has or may fetch what arrives then."""
        if self.door is not None:
            return self.door.leaves_at(arrives) + timedelta(minutes=self.door.minutes)
        if self.hours is None:
            return arrives
        day = clock.business_date(arrives)
        if arrives > clock.on(day, self.hours.closes):
            return clock.on(day + timedelta(days=1), self.hours.opens)
        return max(arrives, clock.on(day, self.hours.opens))


class _Area(NamedTuple):
    town: str
    village: str
    node_id: int


class Within(NamedTuple):
    """The county inside: its ends by node code, and which address is whose."""

    ends: dict[str, End]
    areas: Sequence[_Area]
    codes: dict[int, str]

    def serving(self, detail: str) -> End | None:
        """The node that serves an address; the village decides before the town, the longer name before the shorter."""
        towns = {area.town for area in self.areas if area.town in detail}
        of_towns = [area for area in self.areas if not towns or area.town in towns]
        matched = [area for area in of_towns if area.village and re.search(re.escape(area.village) + NOT_A_STREET, detail)]
        villages = [area for area in matched if not area.town.startswith(area.village)] or matched  # 长街 in 长街镇西翁村 is the town
        longest = max((len(area.village) for area in villages), default=0)
        named = [area for area in villages if len(area.village) == longest]
        found = {area.node_id for area in named or of_towns if named or (area.town in towns and not area.village)}
        return self.ends[self.codes[found.pop()]] if len(found) == 1 else None


_within: dict[tuple[str, int], Within] = {}


def within(session: Session, tenant_id: int) -> Within:
    """Read once a process; three queries. A county that is being loaded is read again."""
    key = (settings.url, tenant_id)
    if (known := _within.get(key)) is not None:
        return known
    doors = {d.node_id: d for d in session.execute(select(DoorRound).where(col(DoorRound.tenant_id) == tenant_id)).scalars()}
    nodes = session.execute(
        select(col(Node.id), col(Node.code), col(Node.name), col(Station.opens_min), col(Station.closes_min))
        .outerjoin(Station, col(Station.node_id) == col(Node.id))
        .where(col(Node.tenant_id) == tenant_id)
        .order_by(col(Node.code))
    )
    ends = {
        code: End(node_id, code, name, None if opens is None else Hours(opens, closes), _door(doors.get(node_id)))
        for node_id, code, name, opens, closes in nodes
    }
    areas = select(col(ServedArea.town), col(ServedArea.village), col(ServedArea.node_id)).where(col(ServedArea.tenant_id) == tenant_id)
    found = Within(ends, [_Area(*row) for row in session.execute(areas)], {end.node_id: code for code, end in ends.items()})
    if found.areas:
        _within[key] = found
    return found


def _door(row: DoorRound | None) -> Door | None:
    return Door(row.kind, row.first_min, row.last_min, row.every_min, row.minutes) if row else None
