"""Per piece: a parcel that a station handed over, or that came to the village its receiver fetches it from.

A piece counts once its parcel is delivered and nobody may claim against its order any more; its month is that of the hand-over. With steps
of growth only pieces beyond the base bring something, whichever of them come last.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core import clock
from core.batches import batches
from fulfillment.consignments.models import Consignment, ConsignmentLine, Parcel, ParcelStatus
from fulfillment.custody.models import Custody
from fulfillment.network.models import Line
from fulfillment.timetable.models import Departure
from supply.counties.profile_subsidies import SubsidyRule
from supply.products.models import Product, Variant
from supply.stations.models import Node, Station

from .due import Asked, Due, finds, known_causes
from .models import SubsidyAward
from .rules import turned, year_of
from .sales import sales


class Piece(NamedTuple):
    """One parcel in one direction; `node` is the village's, `with_whom` who took it from there or brought it."""

    parcel: str
    direction: str
    node: str
    handed_at: datetime
    with_whom: str
    order: str  # empty: no order's
    consignment: int
    contents: Sequence[object]


def pieces(session: Session, tenant_id: int, rule: SubsidyRule, first: date, after: date) -> list[Piece]:
    """Delivered pieces handed over from `first` until before `after` that the rule's conditions meet, in the order of hand-over."""
    begins, ends = clock.midnight(first), clock.midnight(after)
    found: list[Piece] = []
    for direction in rule.directions or ("out", "in"):
        found += _out(session, tenant_id, rule, begins, ends) if direction == "out" else _in(session, tenant_id, rule, begins, ends)
    if rule.categories or rule.products:
        found = list(_of_goods(session, rule, found))
    return sorted(found, key=lambda piece: (piece.handed_at, piece.parcel))


_SHAPE = (col(Consignment.source_kind), col(Consignment.source_code), col(Consignment.id), col(Parcel.contents))


def _out(session: Session, tenant_id: int, rule: SubsidyRule, begins: datetime, ends: datetime) -> Iterator[Piece]:
    """The first hand-over away from the station that packed it."""
    handed = (
        sql_select(col(Custody.parcel_code), func.min(col(Custody.began_at)).label("began_at"))
        .join(Parcel, col(Parcel.code) == col(Custody.parcel_code))
        .join(Station, col(Station.node_id) == col(Parcel.station_id))
        .where(col(Custody.tenant_id) == tenant_id, col(Custody.giver_code) == col(Station.code))
        .group_by(col(Custody.parcel_code))
        .subquery()
    )
    query = (
        sql_select(col(Parcel.code), col(Station.code), col(Custody.began_at), col(Custody.holder_code), *_SHAPE)
        .select_from(handed)
        .join(Custody, (col(Custody.parcel_code) == handed.c.parcel_code) & (col(Custody.began_at) == handed.c.began_at))
        .join(Parcel, col(Parcel.code) == col(Custody.parcel_code))
        .join(Station, col(Station.node_id) == col(Parcel.station_id))
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .where(
            col(Parcel.status) == ParcelStatus.DELIVERED, col(Custody.giver_code) == col(Station.code), col(Custody.began_at) >= begins,
            col(Custody.began_at) < ends,
        )
    )  # fmt: skip
    if rule.zones:
        query = query.where(col(Parcel.zone).in_(rule.zones))
    if rule.storage:
        query = query.where(col(Parcel.tier).in_(rule.storage))
    if rule.nodes:
        query = query.where(col(Station.code).in_(rule.nodes))
    for parcel, node, at, holder, kind, code, number, contents in session.execute(query):
        yield Piece(parcel, "out", node, at, holder, code if kind == "order" else "", number, contents)


def _in(session: Session, tenant_id: int, rule: SubsidyRule, begins: datetime, ends: datetime) -> Iterator[Piece]:
    """Delivered in the county, at the node its receiver comes to."""
    query = (
        sql_select(col(Parcel.code), col(Node.code), col(Parcel.delivered_at), *_SHAPE)
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .join(Node, col(Node.id) == col(Consignment.to_node_id))
        .where(
            col(Parcel.tenant_id) == tenant_id, col(Parcel.status) == ParcelStatus.DELIVERED, col(Parcel.delivered_at) >= begins,
            col(Parcel.delivered_at) < ends,
        )
    )  # fmt: skip
    if rule.zones:
        query = query.where(col(Parcel.zone).in_(rule.zones))
    if rule.storage:
        query = query.where(col(Parcel.tier).in_(rule.storage))
    if rule.nodes:
        query = query.where(col(Node.code).in_(rule.nodes))
    rows = session.execute(query).all()
    brought = _bringers(session, [(parcel, node) for parcel, node, *_ in rows])
    for parcel, node, at, kind, code, number, contents in rows:
        yield Piece(parcel, "in", node, at, brought.get(parcel, ""), code if kind == "order" else "", number, contents)


def _bringers(session: Session, wanted: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Who handed each parcel to its node."""
    nodes, found = dict(wanted), {}
    handed = sql_select(col(Custody.parcel_code), col(Custody.holder_code), col(Custody.giver_code))
    for some in batches(nodes):
        rows = session.execute(handed.where(col(Custody.parcel_code).in_(some)))
        found.update({parcel: giver for parcel, holder, giver in rows if nodes[parcel] == holder})
    return found


def _of_goods(session: Session, rule: SubsidyRule, found: Sequence[Piece]) -> Iterator[Piece]:
    """Those that hold something of the rule's categories or products."""
    sold = (
        sql_select(col(ConsignmentLine.line_code))
        .join(Variant, col(Variant.id) == col(ConsignmentLine.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(col(Product.category).in_(rule.categories or ()) | col(Product.name).in_(rule.products or ()))
    )
    goods: set[object] = set()
    for some in batches(piece.consignment for piece in found):
        goods.update(session.execute(sold.where(col(ConsignmentLine.consignment_id).in_(some))).scalars())
    for piece in found:
        if any(isinstance(each, list) and each[0] in goods for each in piece.contents):
            yield piece


@finds("piece")
def find_pieces(session: Session, asked: Asked) -> Iterable[Due]:
    rule = asked.rule
    if rule.months and asked.month.month not in rule.months:
        return []
    counted = pieces(session, asked.tenant_id, rule, asked.first, asked.after)
    resting = sales().at_rest(session, asked.tenant_id, {piece.order for piece in counted if piece.order})
    counted = [piece for piece in counted if not piece.order or piece.order in resting]
    parties = _parties(session, asked, counted)
    mine = [piece for piece in counted if parties.get((piece.parcel, piece.direction)) is not None]
    by_party: dict[str, list[Piece]] = defaultdict(list)
    for piece in mine:
        by_party[parties[piece.parcel, piece.direction]].append(piece)
    if rule.steps is None:
        return [_due(asked, piece, party) for party, own in by_party.items() for piece in own]
    return list(_grown(session, asked, by_party))


def _parties(session: Session, asked: Asked, found: Sequence[Piece]) -> dict[tuple[str, str], str]:
    """Whom each piece is paid to, by its parcel and direction; a piece that no firm of a line moved is nobody's."""
    kind = asked.rule.beneficiary
    if kind == "platform":
        return {(p.parcel, p.direction): "" for p in found}
    if kind == "station":
        stations = set(session.exec(select(Station.code).where(Station.tenant_id == asked.tenant_id)))
        return {(p.parcel, p.direction): p.node for p in found if p.node in stations}
    runs = sql_select(col(Departure.code), col(Line.operator)).join(Line, col(Line.id) == col(Departure.line_id))
    firms: dict[str, str] = {}
    for some in batches(p.with_whom for p in found):
        firms.update(dict(session.execute(runs.where(col(Departure.code).in_(some), col(Line.operator) != "")).all()))
    return {(p.parcel, p.direction): firms[p.with_whom] for p in found if p.with_whom in firms}


def _grown(session: Session, asked: Asked, by_party: Mapping[str, Sequence[Piece]]) -> Iterator[Due]:
    """Pieces beyond the base, numbered on from those that stand already: a late one never takes another's place."""
    rule = asked.rule
    before: Counter[str] = Counter()
    if rule.base_pieces is None:
        then = pieces(session, asked.tenant_id, rule, turned(asked.month, -12), turned(asked.month, -11))
        earlier = _parties(session, asked, then)
        before.update(earlier[piece.parcel, piece.direction] for piece in then if (piece.parcel, piece.direction) in earlier)
    known = known_causes(session, asked, (piece.parcel for own in by_party.values() for piece in own))
    standing = Counter(
        session.exec(select(SubsidyAward.party_code).where(SubsidyAward.fund_id == asked.fund_id, SubsidyAward.month == asked.month)).all()
    )
    for party, own in sorted(by_party.items()):
        base = before[party] if rule.base_pieces is None else rule.base_pieces
        fresh = [piece for piece in own if ("parcel", piece.parcel, piece.direction) not in known]
        free = max(0, len(own) - base - standing[party])
        for n, piece in enumerate(fresh[len(fresh) - free :], standing[party] + 1):
            yield _due(asked, piece, party, over=n, base=base)


def _due(asked: Asked, piece: Piece, party: str, **more: int) -> Due:
    day = clock.business_date(piece.handed_at)
    facts = {"direction": piece.direction, "node": piece.node, "year": year_of(asked.rule, day), **more}
    if piece.order:
        facts["order"] = piece.order
    return Due("parcel", piece.parcel, piece.direction, asked.rule.beneficiary, party, day, facts)
