"""/travel – the next buses of a stop, for people; goods ride the same ones."""

from datetime import timedelta
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from core import clock
from core.db import Read
from core.permissions import Anybody
from core.web import page
from fulfillment.network.models import Line, StopTime, Trip
from supply.stations.models import Node, NodeKind

from .board import Call, Run, runs_at

router = APIRouter()
SHOWN = 12
TERMINI = (NodeKind.HUB, NodeKind.TOWNSHIP, NodeKind.PIER)  # offered before anybody seeks a stop by name


class Passing(NamedTuple):
    """A departure as it calls at one stop."""

    run: Run
    call: Call
    towards: str


@router.get("/travel")
def travel(request: Request, session: Read, actor: Anybody, stop: str = "", q: str = "") -> Response:
    """The next buses of a stop; without one, the stops that announced lines call at, found by name."""
    announced = select(StopTime.node_id).join(Trip, col(Trip.id) == col(StopTime.trip_id)).join(Line, col(Line.id) == col(Trip.line_id))
    called = announced.where(StopTime.tenant_id == actor.tenant_id, col(Line.published).is_(True))
    nodes = session.exec(
        select(Node)
        .where(Node.tenant_id == actor.tenant_id, col(Node.kind).in_((*TERMINI, NodeKind.STATION)), col(Node.id).in_(called))
        .order_by(col(Node.kind), col(Node.id))
    ).all()
    here = next((n for n in nodes if n.code == stop), None)
    wanted = q.strip()[:40]
    found = [n for n in nodes if wanted in n.name] if wanted else [n for n in nodes if n.kind in TERMINI]
    return page(
        request, "fulfillment/travel/index.html", block="buses", halt=here, q=wanted, stops=found[:60],
        passing=_passing(session, actor.tenant_id, here) if here else [],
    )  # fmt: skip


def _passing(session: Session, tenant_id: int, here: Node) -> list[Passing]:
    """From now on, over midnight when today has few left."""
    now, today = clock.now(), clock.today()
    announced = set(session.exec(select(Line.id).where(Line.tenant_id == tenant_id, col(Line.published).is_(True))).all())
    coming: list[Passing] = []
    for day in (today, today + timedelta(days=1)):
        for run in runs_at(session, tenant_id, day, here.code):
            if run.line.id not in announced:
                continue
            coming += [
                Passing(run, call, run.calls[-1].name) for call in run.calls[:-1] if call.node == here.code and call.leaves_at >= now
            ]
        if len(coming) >= SHOWN:
            break
    return sorted(coming, key=lambda p: p.call.leaves_at)[:SHOWN]
