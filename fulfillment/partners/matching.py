"""Which contract pays a leg: the most exact that is in force on its day – a stretch of the line, the line, its kind.

A contracted zone is a contract of its own: so much per piece.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock
from core.tenant import Tenant
from fulfillment.contracts.models import CarriageContract, ContractZone
from fulfillment.network.models import Line
from fulfillment.network.words import kept_words
from supply.counties.profile_kinds import Basis
from supply.stations.models import Node

from .models import LegKind
from .reckoning import Group, Terms, part_of_month
from .words import cover_words, zone_words


class Contract(NamedTuple):
    """A contract or a zone, as the close reads it; `words` say in Chinese what it covers."""

    code: str
    firm: str
    words: str
    terms: Terms
    starts_on: date
    ends_on: date | None
    before_fen: int | None
    line: str = ""
    from_node: str = ""
    to_node: str = ""
    node: str = ""
    kind: str = ""
    zone: str = ""

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def terms_in(self, month: date) -> Terms:
        """Its terms with the least and most of that month."""
        least, most = (part_of_month(fen, month, self.starts_on, self.ends_on) for fen in (self.terms.minimum_fen, self.terms.cap_fen))
        return self.terms._replace(minimum_fen=least, cap_fen=most)

    def exactness(self, group: Group, line_kind: str) -> int:
        """How exactly it covers a leg; 0: not at all."""
        if group.firm != self.firm or not self.holds_on(group.day):
            return 0
        match group.kind:
            case LegKind.ZONE:
                return int(self.zone == group.place)
            case LegKind.RIDE:
                if self.line:
                    stretch = (self.from_node, self.to_node)
                    return (2 if stretch == ("", "") else 3 * (stretch == (group.from_node, group.to_node))) * (self.line == group.line)
                return int(not self.node and not self.zone and self.kind == line_kind)
            case _:
                return int(self.node == group.from_node and bool(self.kind) == (group.kind == LegKind.DOOR))


class Contracts(NamedTuple):
    """A county's contracts and zones in their files' order; the kinds of its lines and what they are called, by code."""

    every: list[Contract]
    kinds: Mapping[str, str]
    called: Mapping[str, str]

    def of(self, group: Group) -> Contract | None:
        kind = self.kinds.get(group.line, "")
        exact = [(each.exactness(group, kind), -n, each) for n, each in enumerate(self.every)]
        best = max(exact, default=None, key=lambda found: found[:2])
        return best[2] if best and best[0] else None

    def named(self, code: str) -> Contract | None:
        return next((each for each in self.every if each.code == code), None)

    def in_force(self, firm: str, first: date, after: date) -> list[Contract]:
        return [c for c in self.every if c.firm == firm and c.starts_on < after and (c.ends_on is None or c.ends_on >= first)]


def contracts_of(session: Session, tenant_id: int, firms: Iterable[str] | None = None) -> Contracts:
    """Of these firms, of all without; five queries. None counts from before the county was opened here, so no least is owed for that."""
    opened = clock.business_date(session.exec(select(Tenant.created_at).where(Tenant.id == tenant_id)).one())
    lines = {line.code: line for line in session.exec(select(Line).where(Line.tenant_id == tenant_id))}
    contracts = select(CarriageContract).where(CarriageContract.tenant_id == tenant_id)
    zones = select(ContractZone).where(ContractZone.tenant_id == tenant_id)
    if firms is not None:
        wanted = list(firms)
        contracts, zones = contracts.where(col(CarriageContract.firm).in_(wanted)), zones.where(col(ContractZone.operator).in_(wanted))
    rows = session.exec(contracts.order_by(col(CarriageContract.position), col(CarriageContract.id))).all()
    places = {place for c in rows for place in (c.from_node, c.to_node, c.node) if place}
    names = dict(session.exec(select(Node.code, Node.name).where(Node.tenant_id == tenant_id, col(Node.code).in_(places))).all())
    found = [_contract(c, lines, names, opened) for c in rows]
    found += [
        Contract(
            z.code,
            z.operator,
            zone_words(z.name),
            Terms(Basis.PIECE, z.per_piece_fen),
            z.starts_on or date.min,
            z.ends_on,
            None,
            zone=z.code,
        )
        for z in session.exec(zones.order_by(col(ContractZone.position), col(ContractZone.id)))
    ]
    called = {code: kept_words(line.number, line.kind) for code, line in lines.items()}
    return Contracts(found, {code: line.kind for code, line in lines.items()}, called)


def _contract(c: CarriageContract, lines: Mapping[str, Line], names: Mapping[str, str], opened: date) -> Contract:
    terms = Terms(c.basis, c.price, [(first, price) for first, price in c.tiers], c.minimum_fen, c.cap_fen)
    return Contract(
        c.code, c.firm, cover_words(c, lines.get(c.line), names), terms, max(c.starts_on, opened), c.ends_on, c.before_fen, c.line,
        c.from_node, c.to_node, c.node, c.kind,
    )  # fmt: skip
