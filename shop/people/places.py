"""Where a post can be held in this county, and what those places are called."""

from collections.abc import Callable

from sqlmodel import Session, col, select

from core import i18n
from fulfillment.custody.doors import door_code
from fulfillment.network.models import DoorRound, Line, Trunk
from supply.growers.models import Grower, GrowerKind
from supply.stations.models import Node, NodeKind, Station

Places = dict[str, str]  # code → name


def _stations(session: Session, tenant_id: int, _role: str) -> Places:
    return dict(session.exec(select(Station.code, Station.name).where(Station.tenant_id == tenant_id).order_by(col(Station.name))).all())


def _hubs(session: Session, tenant_id: int, _role: str) -> Places:
    hubs = select(Node.code, Node.name).where(Node.tenant_id == tenant_id, Node.kind == NodeKind.HUB).order_by(col(Node.name))
    return dict(session.exec(hubs).all())


def _lines(session: Session, tenant_id: int, _role: str) -> Places:
    rows = session.exec(select(Line.code, Line.number, Line.name).where(Line.tenant_id == tenant_id).order_by(col(Line.position)))
    served = select(Node.code, Node.name).join(DoorRound, col(DoorRound.node_id) == col(Node.id))
    rounds = session.exec(served.where(Node.tenant_id == tenant_id).order_by(col(Node.code)))
    to_doors = {door_code(code): i18n.gettext("%(station)s送上门") % {"station": name} for code, name in rounds}
    return {code: f"{number} {name}" for code, number, name in rows} | to_doors


def _partners(session: Session, tenant_id: int, _role: str) -> Places:
    operators = set(session.exec(select(Line.operator).where(Line.tenant_id == tenant_id)))
    firms = operators | set(session.exec(select(Trunk.carrier).where(Trunk.tenant_id == tenant_id)))
    return {firm: firm for firm in sorted(firms) if firm}


def _own(session: Session, tenant_id: int, role: str) -> Places:
    """A grower acts for one on the books, a co-op or merchant for a firm; a seller for themselves."""
    if role == "seller":
        return {}
    kind = col(Grower.kind) == GrowerKind.GROWER
    rows = select(Grower.code, Grower.name, Station.name).join(Station, col(Station.node_id) == col(Grower.station_id))
    here = rows.where(Grower.tenant_id == tenant_id, kind if role == "grower" else ~kind).order_by(col(Station.name), col(Grower.name))
    return {code: f"{name}（{station}）" for code, name, station in session.exec(here)}


_KINDS: dict[str, Callable[[Session, int, str], Places]] = {
    "station": _stations, "hub": _hubs, "line": _lines, "partner": _partners, "own": _own,
}  # fmt: skip


def places_for(session: Session, role: str, scope: str, *, tenant_id: int) -> Places:
    """The places a role can be held for; empty where it needs none (the county, or oneself)."""
    return _KINDS[scope](session, tenant_id, role) if scope in _KINDS else {}
