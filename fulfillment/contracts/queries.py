"""Whose zone it is and what it came to in a month: pieces out and in, and the fee they add up to."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, case
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core import clock
from core.errors import NotFound, Refused
from core.moments import FIRST_YEAR, LAST_YEAR
from core.permissions import Actor
from supply.counties.models import Township
from supply.stations.models import Node

from .models import ContractNode, ContractZone, Direction, ZonePiece

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
NOBODY_ELSES = ("dispatcher", "admin", "finance")  # who sees every firm's


class ZoneUnknown(NotFound):
    """No such zone, or another firm's."""

    code = "zone_unknown"


class Month(NamedTuple):
    """`first` is its first day, `after` the first of the next."""

    first: date
    after: date

    @property
    def text(self) -> str:
        return f"{self.first:%Y-%m}"


def read_month(text: str | None) -> Month:
    """`2026-05`; this month without it. Raises Refused."""
    if text and not (_MONTH.fullmatch(text) and FIRST_YEAR <= int(text[:4]) <= LAST_YEAR):
        raise Refused("没有这个月，请写成 2026-05", field="month")
    first = date.fromisoformat(f"{text}-01") if text else clock.today().replace(day=1)
    return Month(first, _turned(first, 1))


def months_shown(asked: Month, number: int = 6) -> list[Month]:
    """The last months from this one on back, and the asked one where it is none of them; the latest first."""
    this = clock.today().replace(day=1)
    firsts = {_turned(this, -n) for n in range(number)} | {asked.first}
    return [Month(first, _turned(first, 1)) for first in sorted(firsts, reverse=True)]


def _turned(first: date, months: int) -> date:
    n = first.year * 12 + first.month - 1 + months
    return date(n // 12, n % 12 + 1, 1)


class ZoneMonth(NamedTuple):
    """A zone with its nodes and what was counted for it in a month."""

    zone: ContractZone
    nodes: Sequence[tuple[str, str, str]]  # code, name, township
    out: int
    inward: int
    fee_fen: int

    @property
    def pieces(self) -> int:
        return self.out + self.inward


class FirmMonth(NamedTuple):
    operator: str
    zones: list[ZoneMonth]

    @property
    def out(self) -> int:
        return sum(z.out for z in self.zones)

    @property
    def inward(self) -> int:
        return sum(z.inward for z in self.zones)

    @property
    def fee_fen(self) -> int:
        return sum(z.fee_fen for z in self.zones)


class Counted(NamedTuple):
    """One counted piece; `number` is its row's, for the next page."""

    number: int
    parcel: str
    direction: str
    node: str
    node_name: str
    day: date
    handed_at: datetime
    fee_fen: int


def firms_of(actor: Actor) -> set[str] | None:
    """The firms whose zones the caller may see; None: every firm's."""
    return None if actor.has(*NOBODY_ELSES) else actor.scopes("partner")


def zones_of(session: Session, tenant_id: int, month: Month, *, firms: Collection[str] | None = None) -> list[ZoneMonth]:
    """The zones in the order of the county's file with their pieces of the month; two queries however many.

    A zone that is not in force in the month stands there only if something was counted for it.
    """

    def pieces(direction: Direction):  # type: ignore[no-untyped-def]
        return func.coalesce(func.sum(case((col(ZonePiece.direction) == direction, 1), else_=0)), 0)

    within = and_(col(ZonePiece.zone_id) == col(ContractZone.id), col(ZonePiece.day) >= month.first, col(ZonePiece.day) < month.after)
    query = (
        sql_select(ContractZone, pieces(Direction.OUT), pieces(Direction.IN), func.coalesce(func.sum(col(ZonePiece.fee_fen)), 0))
        .select_from(ContractZone)
        .outerjoin(ZonePiece, within)
        .where(col(ContractZone.tenant_id) == tenant_id)
        .group_by(col(ContractZone.id))
        .order_by(col(ContractZone.position), col(ContractZone.id))
    )
    if firms is not None:
        query = query.where(col(ContractZone.operator).in_(firms))
    nodes = _nodes(session, tenant_id)
    found = [ZoneMonth(zone, nodes.get(zone.id, ()), int(out), int(into), int(fen)) for zone, out, into, fen in session.execute(query)]
    return [z for z in found if z.pieces or _in_force(z.zone, month)]


def _in_force(zone: ContractZone, month: Month) -> bool:
    return (zone.starts_on is None or zone.starts_on < month.after) and (zone.ends_on is None or zone.ends_on >= month.first)


def _nodes(session: Session, tenant_id: int) -> dict[int, list[tuple[str, str, str]]]:
    rows = session.execute(
        sql_select(col(ContractNode.zone_id), col(Node.code), col(Node.name), func.coalesce(col(Township.name), ""))
        .join_from(ContractNode, Node, col(Node.id) == col(ContractNode.node_id))
        .outerjoin(Township, col(Township.id) == col(Node.township_id))
        .where(col(ContractNode.tenant_id) == tenant_id)
        .order_by(col(Node.id))
    )
    nodes: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for zone_id, *node in rows:
        nodes[zone_id].append((node[0], node[1], node[2]))
    return nodes


def by_firm(zones: Sequence[ZoneMonth]) -> list[FirmMonth]:
    firms: dict[str, list[ZoneMonth]] = defaultdict(list)
    for zone in zones:
        firms[zone.zone.operator].append(zone)
    return [FirmMonth(operator, own) for operator, own in firms.items()]


def find_zone(session: Session, actor: Actor, code: str) -> ContractZone:
    """Raises ZoneUnknown, also for another firm's."""
    zone = session.exec(select(ContractZone).where(ContractZone.tenant_id == actor.tenant_id, ContractZone.code == code)).first()
    firms = firms_of(actor)
    if zone is None or (firms is not None and zone.operator not in firms):
        raise ZoneUnknown("没有这个承包片区")
    return zone


def pieces_in(session: Session, zone: ContractZone, month: Month, *, before: int | None = None, limit: int = 50) -> list[Counted]:
    """The pieces of a month, last counted first, from below row `before` on; one more than `limit` if there are."""
    query = (
        sql_select(
            col(ZonePiece.id), col(ZonePiece.parcel_code), col(ZonePiece.direction), col(Node.code), col(Node.name), col(ZonePiece.day),
            col(ZonePiece.handed_at), col(ZonePiece.fee_fen),
        )
        .join(Node, col(Node.id) == col(ZonePiece.node_id))
        .where(col(ZonePiece.zone_id) == zone.id, col(ZonePiece.day) >= month.first, col(ZonePiece.day) < month.after)
        .order_by(col(ZonePiece.id).desc())
        .limit(limit + 1)
    )  # fmt: skip
    if before is not None:
        query = query.where(col(ZonePiece.id) < before)
    return [Counted._make(row) for row in session.execute(query)]
