"""/api/v1/departures/{id}/manifests – what is handed over at each stop, and the boxes it rides in, for programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from core import clock
from core.db import Read
from core.permissions import Actor, allow
from core.web.refusals import refusals
from fulfillment.timetable.board import find_run
from fulfillment.timetable.service import DepartureUnknown

from .api_shapes import Manifests, OneManifest
from .sheets import Sheet, sheets_of

router = APIRouter(prefix="/api/v1", tags=["departures"])
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]


@router.get("/departures/{code}/manifests", responses=refusals(DepartureUnknown))
def read_manifests(code: Annotated[str, Path(description="The departure's code.")], session: Read, actor: Reader) -> Manifests:
    """The valid manifests of one departure: their parcels, the boxes named for each group, and the box each parcel lies in."""
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    return {"departure": code, "items": [_told(sheet) for sheet in sheets_of(session, run)]}


def _told(sheet: Sheet) -> OneManifest:
    m = sheet.manifest
    return {
        "code": m.code, "stop": m.stop, "node": sheet.call.node, "revision": m.revision, "issued_at": clock.local(m.issued_at),
        "digest": m.digest,
        "groups": [{"alight": g.alight.position, "tier": g.tier, "boxes": g.need, "named": list(g.named)} for g in sheet.groups],
        "parcels": [
            {"code": code, "alight": alight, "tier": tier, "g": grams, "box_milli": milli, "box": sheet.lies_in.get(code)}
            for code, alight, tier, grams, milli in m.rows
        ],
    }  # fmt: skip
