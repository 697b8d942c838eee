"""POST /api/v1/lines/{line}/weighing – a scale's figure for a line that is packed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core.db import Write
from core.permissions import Actor, allow
from core.web.refusals import refusals
from shop.payments.giving import NotRefundable, RefundTooMuch
from shop.payments.models import Refund
from supply.stations.desk import stations_of

from .api_shapes import Weighed
from .service import LineUnknown, NotWeighable, WeightDoubtful, weigh

router = APIRouter(prefix="/api/v1", tags=["stations"])
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
Net = Annotated[int, Field(ge=0, le=9_999_999)]


class Weighing(BaseModel):
    """Net grams of all the line's units."""

    model_config = {"extra": "forbid", "strict": True}
    grams: Annotated[Net, Field(description="As weighed.")]
    again: Annotated[Net | None, Field(description="The same figure once more, where it was doubted.")] = None


@router.post("/lines/{line}/weighing", responses=refusals(LineUnknown, NotWeighable, WeightDoubtful, NotRefundable, RefundTooMuch))
def create_weighing(
    line: Annotated[str, Path(description="The order line's code.")], body: Weighing, session: Write, actor: Keeper
) -> Weighed:  # fmt: skip
    """Note what a line weighs; what it lacks is refunded by itself, and more is never asked for. The same figure again changes nothing."""
    stations = [station.code for station in stations_of(session, actor)]
    slip = weigh(session, line, body.grams, stations=stations, tenant_id=actor.tenant_id, by=actor.key, again=body.again)
    refund = session.get_one(Refund, slip.refund_id) if slip.refund_id else None
    return {
        "slip": slip.code, "line": line, "ordered_g": slip.ordered_g, "grams": slip.grams, "refund_fen": refund.amount_fen if refund else 0,
    }  # fmt: skip
