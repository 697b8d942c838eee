"""Firms, their months, and a month's legs page by page."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core.errors import NotFound
from core.permissions import Actor
from fulfillment.contracts.models import CarriageContract, ContractZone
from fulfillment.contracts.queries import Month
from fulfillment.network.models import Line
from fulfillment.network.words import line_words
from supply.stations.models import Node

from .models import CarriedLeg, PartnerMonth


def firms(session: Session, tenant_id: int) -> list[str]:
    """Everybody who runs a line, has a contract or serves a zone; by name."""
    named: set[str] = set()
    for table, column in ((Line, Line.operator), (CarriageContract, CarriageContract.firm), (ContractZone, ContractZone.operator)):
        named.update(session.exec(select(column).where(table.tenant_id == tenant_id).distinct()))
    return sorted(named - {""})


class FirmUnknown(NotFound):
    """No such firm here, or another's than the caller's."""

    code = "firm_unknown"


def own_firms(actor: Actor) -> set[str] | None:
    """The firms whose months the caller may see; None: every firm's."""
    return None if actor.has("finance", "admin") else actor.scopes("partner")


def may_see(session: Session, actor: Actor, firm: str) -> None:
    """Raises FirmUnknown."""
    own = own_firms(actor)
    if (own is not None and firm not in own) or not is_firm(session, actor.tenant_id, firm):
        raise FirmUnknown("没有这家合作企业")


def is_firm(session: Session, tenant_id: int, firm: str) -> bool:
    return firm in firms(session, tenant_id)


def closed_in(session: Session, tenant_id: int, month: Month, own: Collection[str] | None = None) -> dict[str, PartnerMonth]:
    """The closed ones of a month, by firm."""
    query = select(PartnerMonth).where(PartnerMonth.tenant_id == tenant_id, PartnerMonth.month == month.first)
    if own is not None:
        query = query.where(col(PartnerMonth.firm).in_(own))
    return {row.firm: row for row in session.exec(query)}


def pieces_of_month(session: Session, tenant_id: int, named: Collection[str], month: Month) -> int:
    """Parcels that these firms carried in a month, each once."""
    count = func.count(col(CarriedLeg.parcel_code).distinct())
    return int(session.execute(sql_select(count).where(*_carried(tenant_id, month), col(CarriedLeg.firm).in_(named))).scalar_one())


def pieces_by_firm(session: Session, tenant_id: int, month: Month) -> dict[str, int]:
    """Parcels that each firm carried in a month, each once with every firm."""
    count = func.count(col(CarriedLeg.parcel_code).distinct())
    rows = session.execute(sql_select(col(CarriedLeg.firm), count).where(*_carried(tenant_id, month)).group_by(col(CarriedLeg.firm)))
    return {firm: int(pieces) for firm, pieces in rows}


def _carried(tenant_id: int, month: Month) -> list[ColumnElement[bool]]:
    leg = CarriedLeg
    return [col(leg.tenant_id) == tenant_id, ~col(leg.withdrawn), col(leg.day) >= month.first, col(leg.day) < month.after]


class Carried(NamedTuple):
    """One leg as a page shows it; `number` is its row's, for the next page."""

    number: int
    parcel: str
    kind: str
    line: str
    from_node: str
    to_node: str
    day: date
    handed_at: datetime
    grams: int
    box: str
    place: str
    contract: str


def legs_in(
    session: Session, tenant_id: int, firm: str, month: Month, *, before: int | None = None, limit: int = 50
) -> list[Carried]:  # fmt: skip
    """A firm's legs of a month that stand, the last written first; one more than `limit` if there are."""
    leg = CarriedLeg
    query = (
        sql_select(
            col(leg.id), col(leg.parcel_code), col(leg.kind), col(leg.line), col(leg.from_node), col(leg.to_node), col(leg.day),
            col(leg.handed_at), col(leg.grams), col(leg.box), col(leg.place), col(leg.contract),
        )
        .where(
            *_carried(tenant_id, month), col(leg.firm) == firm,
        )
        .order_by(col(leg.id).desc())
        .limit(limit + 1)
    )  # fmt: skip
    if before is not None:
        query = query.where(col(leg.id) < before)
    return [Carried._make(row) for row in session.execute(query)]


def names_of_nodes(session: Session, tenant_id: int, legs: Sequence[Carried]) -> dict[str, str]:
    codes = {node for leg in legs for node in (leg.from_node, leg.to_node) if node}
    return dict(session.exec(select(Node.code, Node.name).where(Node.tenant_id == tenant_id, col(Node.code).in_(codes))).all())


def names_of_lines(session: Session, tenant_id: int, legs: Sequence[Carried]) -> dict[str, str]:
    """What people call the lines of these legs, by code."""
    codes = {leg.line for leg in legs if leg.line}
    rows = session.exec(select(Line.code, Line.number, Line.kind).where(Line.tenant_id == tenant_id, col(Line.code).in_(codes)))
    return {code: line_words(number, kind) for code, number, kind in rows}
