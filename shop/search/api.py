"""GET /search/suggest: names that complete what somebody is typing, in Chinese, pinyin or initials."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from core import limits
from core.db import Read
from core.errors import TooMany
from core.permissions import Anybody
from core.web import quick
from core.web.refusals import refusals
from supply.counties.deps import CurrentCounty

from . import service
from .api_shapes import Suggestions

router = APIRouter(prefix="/api/v1", tags=["search"])
FEW, MOST = 8, 20
Typed = Annotated[str, Query(max_length=10_000, description="The beginning of a name: Chinese, pinyin or initials.")]
Limit = Annotated[int, Query(ge=1, le=200, description=f"How many names; {FEW} unless asked, and never more than {MOST}.")]


@router.get("/search/suggest", responses=refusals(TooMany))
@quick
def suggest_names(
    request: Request, session: Read, county: CurrentCounty, _: Anybody, q: Typed = "", limit: Limit = FEW
) -> Suggestions:  # fmt: skip
    """Names that complete what somebody is typing, for a list under the field: 8 unless asked, 20 at most."""
    limits.hit_by_address(request, "search", "600/minute")
    return {"items": service.suggestions(session, county, q, limit=min(limit, MOST)), "next": None}
