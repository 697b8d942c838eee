"""The county's main lines as a diagram with its shops as red rings; the station list beside it says the same in words."""

from functools import lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlmodel import Session, col, select

from core import i18n
from core.web.templates import localised
from fulfillment.network.layout import MapLine, MapStop
from fulfillment.network.linemap import linemap_svg
from fulfillment.network.models import Line, StopTime, Trip
from shop.almanac.carriage import carriage
from supply.counties.models import County
from supply.stations.models import Node, NodeKind, Station

_ = i18n.gettext
MAIN_LINES = 9
NAMED = 16  # shops drawn as rings; the others are plain stops
PLAIN_STOPS = 6  # of a line, so that letters stay legible


class Diagram(NamedTuple):
    """The drawing, and each line's number, ink and stops for the words beside it."""

    svg: Markup
    lines: list[tuple[str, int, str, list[str]]]


def diagram(session: Session, county: County) -> Diagram | None:
    """The first lines of the county's own order; None where there are no lines or no hub. Four queries."""
    hub = session.exec(select(Node).where(Node.tenant_id == county.id, Node.kind == NodeKind.HUB).order_by(col(Node.id))).first()
    published = select(Line).where(Line.tenant_id == county.id, col(Line.published).is_(True))
    lines = session.exec(published.order_by(col(Line.position), col(Line.id)).limit(MAIN_LINES)).all()
    if hub is None or hub.lat is None or hub.lon is None or not lines:
        return None
    named = _named(session, county.id)
    drawn, said = [], []
    for line in lines:
        stops = _stops(session, line.id or 0, hub, named)
        if len(stops) > 1:
            drawn.append(MapLine(line.number, line.ink, tuple(stops)))
            said.append((line.number, line.ink, line.name, [stop.name for stop in stops[1:]]))
    if not drawn:
        return None
    title = _("{county}带货{rides}示意图：红圈是村里的店").format(county=county.name, rides=carriage(county).rides)
    return Diagram(Markup(_drawn(tuple(drawn), _stop(hub), title)), said)  # noqa: S704 - drawn by us, names escaped


@lru_cache(maxsize=16)
def _drawn(lines: tuple[MapLine, ...], hub: MapStop, title: str) -> str:
    return linemap_svg(lines, hub, title)


def _named(session: Session, tenant_id: int) -> set[str]:
    """Codes of the shops that get a ring: those the county shows first."""
    rows = session.exec(
        select(Station.code)
        .where(Station.tenant_id == tenant_id, col(Station.closed_at).is_(None))
        .order_by(col(Station.is_flagship).desc(), col(Station.node_id))
        .limit(NAMED)
    )
    return set(rows.all())


def _stops(session: Session, line_id: int, hub: Node, named: set[str]) -> list[MapStop]:
    """The line's longest run outwards, hub first, thinned to what can be lettered."""
    rows: Any = session.exec(
        select(Trip.id, Node)
        .join(StopTime, col(StopTime.trip_id) == col(Trip.id))
        .join(Node, col(Node.id) == col(StopTime.node_id))
        .where(Trip.line_id == line_id, col(Trip.direction).in_(("out", "loop")), col(Trip.runs_until).is_(None))
        .order_by(col(Trip.id), col(StopTime.position))
    )
    runs: dict[int, list[Node]] = {}
    for trip_id, node in rows:
        runs.setdefault(trip_id, []).append(node)
    longest = max(runs.values(), key=len, default=[])
    nodes = list({node.id: node for node in longest if node.lat is not None and node.id != hub.id}.values())
    plain = [node for node in nodes if node.code not in named]
    kept = {node.id for node in _spread([n for n in plain if n is not nodes[-1]], PLAIN_STOPS)} if nodes else set()
    shown = [node for node in nodes if node.code in named or node.id in kept or node is nodes[-1]]
    return [_stop(hub), *(_stop(node, shop=node.code in named) for node in shown)]


def _spread(nodes: list[Node], most: int) -> list[Node]:
    if len(nodes) <= most:
        return nodes
    return [nodes[round(i * (len(nodes) - 1) / (most - 1))] for i in range(most)]


def _stop(node: Node, *, shop: bool = False) -> MapStop:
    name = node.name.removesuffix("驿站").removesuffix("服务站")
    return MapStop(node.code, name, node.lat or 0.0, node.lon or 0.0, localised(f"/s/{node.code}") if shop else "")
