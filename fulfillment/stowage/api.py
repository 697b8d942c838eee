"""/api/v1/departures/{id}/stowage – the sheet for programs."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from core import clock
from core.db import Read
from core.permissions import Actor, allow
from core.web.refusals import refusals
from fulfillment.timetable.board import find_run
from fulfillment.timetable.service import DepartureUnknown

from .api_shapes import StowageSheet, StowedBoxes
from .sheet import Piece, sheet_of
from .words import bay_name

router = APIRouter(prefix="/api/v1", tags=["departures"])
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]


@router.get("/departures/{code}/stowage", responses=refusals(DepartureUnknown))
def read_stowage(code: Annotated[str, Path(description="The departure's code.")], session: Read, actor: Reader) -> StowageSheet:
    """How one departure is loaded: bays, and at each stop what comes off, what is lifted out of the way and what goes on, in order."""
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    sheet = sheet_of(session, run)
    return {
        "departure": code, "lifts": sheet.lifts, "exact": sheet.exact,
        "bays": [{"name": bay_name(bay), "boxes": bay.boxes, "cold": bay.cold} for bay in sheet.bays],
        "stops": [
            {
                "position": s.call.position, "node": s.call.node, "name": s.call.name, "leaves_at": clock.local(s.call.leaves_at),
                "on_request": s.call.on_request, "people": s.people, "manifest": s.manifest.code if s.manifest else None,
                "revision": s.manifest.revision if s.manifest else None,
                "off": _boxes(s.off), "lifted": _boxes(s.lifted), "on": _boxes(s.on),
            }
            for s in sheet.stops
        ],
        "left": [{"board": load.board, "alight": load.alight, "tier": load.tier, "boxes": boxes} for load, boxes in sheet.left],
    }  # fmt: skip


def _boxes(pieces: Iterable[Piece]) -> list[StowedBoxes]:
    return [
        {
            "bay": bay_name(p.bay), "place": p.place, "boxes": p.boxes, "board": p.load.board, "alight": p.load.alight, "tier": p.load.tier,
            "g": p.load.grams, "parcels": list(p.load.parcels),
        }
        for p in pieces
    ]  # fmt: skip
