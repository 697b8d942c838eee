"""Reads of runs and statements, and who may read one: its own party, finance and the county; a grower's station prints its slip."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, and_, col, func, or_, select

from core.errors import Refused
from core.paging import make_cursor, read_cursor
from core.permissions import Actor
from fulfillment.consignments.models import ConsignmentLine
from fulfillment.income.models import IncomeEntry
from supply.growers.models import Grower
from supply.products.models import Product, Variant
from supply.stations.models import Station

from .models import IncomeDispute, SettlementRun, Statement, StatementLine
from .paying import StatementUnknown, statement_named

OVERSEERS = ("finance", "admin")


class Goods(NamedTuple):
    """What was sold of one kind of a grower's goods: units, net grams, and what it brought them."""

    name: str
    spec: str
    units: int
    grams: int
    amount_fen: int


class Source(NamedTuple):
    """Rows of a statement of one source."""

    source: str
    rows: int
    amount_fen: int


class Asked(NamedTuple):
    """A dispute with the row it is about."""

    dispute: IncomeDispute
    row: IncomeEntry


def parties_of(actor: Actor) -> list[tuple[str, str]]:
    """Whose statements are the caller's own, as (kind, code)."""
    own = [("station", code) for code in sorted(actor.scopes("master"))]
    own += [("grower", code) for code in sorted(actor.scopes("grower", "co-op", "merchant"))]
    own += [("partner", firm) for firm in sorted(actor.scopes("partner"))]
    return own + ([("seller", actor.user_code)] if actor.has("seller") else [])


def find_statement(session: Session, actor: Actor, code: str) -> Statement:
    """Raises StatementUnknown, also for somebody else's."""
    found = statement_named(session, code, tenant_id=actor.tenant_id)
    if not actor.has(*OVERSEERS) and (found.party_kind, found.party_code) not in parties_of(actor):
        raise StatementUnknown("没有这张结算单")
    return found


def find_slip(session: Session, actor: Actor, code: str) -> Statement:
    """A statement whose slip the caller may print: also the master of its grower's station. Raises StatementUnknown."""
    found = statement_named(session, code, tenant_id=actor.tenant_id)
    if actor.has(*OVERSEERS) or (found.party_kind, found.party_code) in parties_of(actor):
        return found
    home = (
        select(Station.code)
        .join(Grower, col(Grower.station_id) == col(Station.node_id))
        .where(Grower.tenant_id == actor.tenant_id, Grower.code == found.party_code)
    )
    if found.party_kind != "grower" or session.exec(home).first() not in actor.scopes("master"):
        raise StatementUnknown("没有这张结算单")
    return found


def runs(session: Session, *, tenant_id: int, cursor: str | None = None, limit: int = 30) -> tuple[list[SettlementRun], str | None]:
    """The last first; one query."""
    query = select(SettlementRun).where(SettlementRun.tenant_id == tenant_id)
    if after := read_cursor(cursor, int):
        query = query.where(col(SettlementRun.id) < after[0])
    rows = list(session.exec(query.order_by(col(SettlementRun.id).desc()).limit(limit + 1)))
    return rows[:limit], make_cursor(rows[limit - 1].id) if len(rows) > limit else None


def statements(
    session: Session, parties: Sequence[tuple[str, str]], *, tenant_id: int, cursor: str | None = None, limit: int = 30
) -> tuple[list[Statement], str | None]:  # fmt: skip
    """The parties' own, the last first, voided ones left out; one query."""
    if not parties:
        return [], None
    own = or_(*(and_(col(Statement.party_kind) == kind, col(Statement.party_code) == code) for kind, code in parties))
    query = select(Statement).where(Statement.tenant_id == tenant_id, Statement.status != "void", own)
    if after := read_cursor(cursor, int):
        query = query.where(col(Statement.id) < after[0])
    rows = list(session.exec(query.order_by(col(Statement.id).desc()).limit(limit + 1)))
    return rows[:limit], make_cursor(rows[limit - 1].id) if len(rows) > limit else None


def growers_statements(session: Session, station: Station, *, limit: int = 100) -> list[Statement]:
    """The last statements of a station's growers, whose slips it prints; one query."""
    growers = select(Grower.code).where(Grower.station_id == station.node_id)
    return list(
        session.exec(
            select(Statement)
            .where(
                Statement.tenant_id == station.tenant_id, Statement.party_kind == "grower", col(Statement.party_code).in_(growers),
                Statement.status != "void",
            )
            .order_by(col(Statement.id).desc())
            .limit(limit)
        )
    )  # fmt: skip


def rows_of(session: Session, statement: Statement, *, cursor: str | None = None, limit: int = 100) -> tuple[list[IncomeEntry], str | None]:
    """A statement's rows, the oldest day first; one query. Raises Refused on a cursor that is not ours."""
    query = (
        select(IncomeEntry)
        .join(StatementLine, col(StatementLine.income_id) == col(IncomeEntry.id))
        .where(StatementLine.statement_id == statement.id)
        .order_by(col(IncomeEntry.business_date), col(IncomeEntry.id))
        .limit(limit + 1)
    )
    if after := read_cursor(cursor, str, int):
        try:
            day = date.fromisoformat(after[0])
        except ValueError as wrong:
            raise Refused("翻页标记不对，请从第一页重新看", field="cursor") from wrong
        query = query.where(
            or_(col(IncomeEntry.business_date) > day, and_(col(IncomeEntry.business_date) == day, col(IncomeEntry.id) > after[1]))
        )
    rows = list(session.exec(query))
    following = make_cursor(rows[limit - 1].business_date.isoformat(), rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


def sources_of(session: Session, statement: Statement) -> list[Source]:
    """What it is made of; one query."""
    rows = session.exec(
        select(col(IncomeEntry.source), func.count(), func.sum(col(StatementLine.amount_fen)))
        .join(StatementLine, col(StatementLine.income_id) == col(IncomeEntry.id))
        .where(StatementLine.statement_id == statement.id)
        .group_by(col(IncomeEntry.source))
        .order_by(col(IncomeEntry.source))
    )
    return [Source(source, count, int(fen)) for source, count, fen in rows]


def goods_in(session: Session, statement: Statement) -> list[Goods]:
    """What of the party's goods a statement pays for, most money first; one query."""
    units, fen = func.sum(col(ConsignmentLine.quantity)), func.sum(col(StatementLine.amount_fen))
    rows = session.exec(
        select(Product.name, Variant.spec, units, func.sum(col(ConsignmentLine.quantity) * col(Variant.net_g)), fen)  # type: ignore[call-overload]
        .select_from(StatementLine)
        .join(IncomeEntry, col(IncomeEntry.id) == col(StatementLine.income_id))
        .join(ConsignmentLine, col(ConsignmentLine.line_code) == col(IncomeEntry.cause_code))
        .join(Variant, col(Variant.id) == col(ConsignmentLine.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(StatementLine.statement_id == statement.id, IncomeEntry.cause_kind == "order_line")
        .group_by(col(Product.name), col(Variant.spec))
    )
    return sorted((Goods(n, s, int(u), int(g), int(f)) for n, s, u, g, f in rows), key=lambda each: (-each.amount_fen, each.name))


def disputes(
    session: Session, *, tenant_id: int, status: str = "open", cursor: str | None = None, limit: int = 50
) -> tuple[list[Asked], str | None]:
    """Of one status, the oldest first: who waits longest is answered first; one query."""
    query = (
        select(IncomeDispute, IncomeEntry)
        .join(IncomeEntry, col(IncomeEntry.id) == col(IncomeDispute.income_id))
        .where(IncomeDispute.tenant_id == tenant_id, IncomeDispute.status == status)
    )
    if after := read_cursor(cursor, int):
        query = query.where(col(IncomeDispute.id) > after[0])
    rows = [Asked(*row) for row in session.exec(query.order_by(col(IncomeDispute.id)).limit(limit + 1))]
    return rows[:limit], make_cursor(rows[limit - 1].dispute.id) if len(rows) > limit else None


def disputes_of(session: Session, row: IncomeEntry) -> list[IncomeDispute]:
    """All that was ever said of a row, the last first."""
    return list(session.exec(select(IncomeDispute).where(IncomeDispute.income_id == row.id).order_by(col(IncomeDispute.id).desc())))


def run_of(session: Session, statement: Statement) -> SettlementRun:
    return session.get_one(SettlementRun, statement.run_id)
