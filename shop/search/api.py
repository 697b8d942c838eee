"""GET /search/suggest: names that complete what somebody is typing, in Chinese, pinyin or initials."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from core import limits
from core.db import Read
from core.permissions import Anybody
from core.web import quick
from supply.counties.deps import CurrentCounty

from . import service

router = APIRouter(prefix="/api/v1", tags=["search"])


@router.get("/search/suggest")
@quick
def suggest(
    request: Request, session: Read, county: CurrentCounty, _: Anybody,
    q: Annotated[str, Query(max_length=10_000)] = "", limit: Annotated[int, Query(ge=1, le=200)] = 8,
) -> dict[str, Any]:  # fmt: skip
    limits.hit_by_address(request, "search", "600/minute")
    return {"items": service.suggestions(session, county, q, limit=min(limit, 20)), "next": None}
