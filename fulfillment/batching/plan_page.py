"""/ops/plans/{code} – one plan: what it placed, what it cost against its bound, which means each line is and why, who has no road."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from core.db import Read
from core.permissions import Actor, allow
from core.web import page

from .means_words import told_means
from .queries import find_plan, left_over
from .township_means import told_townships

router = APIRouter()
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]


@router.get("/ops/plans/{code}")
def show_plan(request: Request, code: str, session: Read, actor: Reader) -> Response:
    plan = find_plan(session, actor.tenant_id, code)
    means = told_means(session, plan)
    return page(
        request, "fulfillment/ops/plan.html", block="plan", plan=plan, means=means, townships=told_townships(session, plan, means),
        left=left_over(session, plan),
    )  # fmt: skip
