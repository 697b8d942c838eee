"""/api/v1/departures – the day's departures with their room and load."""

from typing import Annotated

from fastapi import APIRouter, Query

from core import clock
from core.db import Read
from core.moments import Day
from core.permissions import Anybody
from fulfillment.whatif.worth import worth_of_days

from .api_shapes import DayOfDepartures, DepartureItem
from .board import Run, runs_of_day

router = APIRouter(prefix="/api/v1", tags=["departures"])


@router.get("/departures")
def list_departures(
    session: Read,
    actor: Anybody,
    day: Annotated[Day | None, Query(alias="date", description="The service day; today without it.")] = None,
    line: Annotated[str | None, Query(max_length=80, description="Only this line's, by its code.")] = None,
) -> DayOfDepartures:
    """Every departure of one service day: stops, times, capacity for goods, the fullest stretch's load, state."""
    asked = day or clock.today()
    runs, worth = runs_of_day(session, actor.tenant_id, asked, line=line), worth_of_days(session, actor.tenant_id, [asked])
    return {"items": [as_json(run, worth.get(run.departure.id or 0)) for run in runs], "next": None}


def as_json(run: Run, box_worth_fen: int | None) -> DepartureItem:
    row = run.departure
    return {
        "id": row.code, "line": run.line.code, "number": run.line.number, "name": run.line.name, "kind": run.line.kind,
        "direction": run.direction, "date": row.service_date, "state": row.status, "delay_min": row.delay_min, "note": row.note,
        "stops": [
            {
                "node": c.node, "name": c.name, "arrives_at": clock.local(c.arrives_at), "leaves_at": clock.local(c.leaves_at),
                "closes_at": clock.local(c.closes_at), "on": run.boarding(c.position), "off": run.alighting(c.position),
                "on_request": c.on_request,
            }
            for c in run.calls
        ],
        "capacity": {"g": row.cap_g, "ml": row.cap_ml, "boxes": row.cap_boxes, "chilled_ml": row.cap_chilled_ml, "tiers": row.tiers},
        "load": {"g": run.load.grams, "ml": run.load.ml, "boxes": run.load.boxes, "chilled_ml": run.load.chilled_ml,
                 "parcels": run.parcels},
        "box_worth_fen": box_worth_fen,
    }  # fmt: skip
