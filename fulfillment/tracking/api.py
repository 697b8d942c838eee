"""/api/v1/track/{parcel} – the road of a parcel, for whoever has its code."""

from typing import Any

from fastapi import APIRouter

from core.codes import normalise_code
from core.db import Read
from core.permissions import Anybody

from .queries import road_as_json, road_of

router = APIRouter(prefix="/api/v1", tags=["tracking"])


@router.get("/track/{code}")
def track(code: str, session: Read, actor: Anybody) -> dict[str, Any]:
    """What happened, where it is and what comes next; no name, phone or address."""
    return road_as_json(road_of(session, actor.tenant_id, normalise_code(code[:40])))
