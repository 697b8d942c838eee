"""/api/v1/track/{parcel} – the road of a parcel, for whoever has its code."""

from typing import Annotated

from fastapi import APIRouter, Path

from core.codes import normalise_code
from core.db import Read
from core.permissions import Anybody
from core.web.refusals import refusals

from .api_shapes import Track
from .queries import ParcelUnknown, road_as_json, road_of

router = APIRouter(prefix="/api/v1", tags=["tracking"])


@router.get("/track/{code}", responses=refusals(ParcelUnknown))
def track_parcel(
    code: Annotated[str, Path(description="The code on the parcel's label; case and look-alike letters do not matter.")],
    session: Read,
    actor: Anybody,
) -> Track:
    """What happened, where it is and what comes next; no name, phone or address."""
    return road_as_json(road_of(session, actor.tenant_id, normalise_code(code[:40])))
