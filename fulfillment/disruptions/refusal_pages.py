"""/ops/refusals/…/withdrawal – a box that a driver did not take is taken after all: which road it would have, then it has it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from core import db, i18n
from core.codes import new_token
from core.permissions import Actor, allow
from core.web import page
from fulfillment.batching.service import REASON_WORDS
from supply.counties.deps import CurrentCounty

from .deed import apply, preview
from .refusals import TakeAfterAll, find_refusal

router = APIRouter()
_ = i18n.gettext
Desk = Annotated[Actor, Depends(allow("dispatcher", "admin"))]


class WithdrawalForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Annotated[str, Field(max_length=100)] = ""


@router.get("/ops/refusals/{code}/withdrawal")
def show_withdrawal(request: Request, code: str, county: CurrentCounty, actor: Desk) -> Response:
    with db.reading() as session:
        refusal = find_refusal(session, actor, code)
    effect = preview(county, TakeAfterAll(refusal.departure, refusal.parcel))
    return page(
        request, "fulfillment/ops/foreseen.html", block="foreseen", undoes=True, head=_("%(parcel)s 改为收下") % {"parcel": refusal.parcel},
        leave=f"/ops/departures/{refusal.departure}", action=f"/ops/refusals/{code}/withdrawal", deed=_("照此收下"), fields={},
        effect=effect, form_key=new_token(), values={}, errors={}, neighbours=[],
        reasons={reason: _(words) for reason, words in REASON_WORDS.items()},
    )  # fmt: skip


@router.post("/ops/refusals/{code}/withdrawal")
def withdraw(request: Request, code: str, form: Annotated[WithdrawalForm, Form()], county: CurrentCounty, actor: Desk) -> Response:
    with db.reading() as session:
        refusal = find_refusal(session, actor, code)
    incident = TakeAfterAll(refusal.departure, refusal.parcel)
    apply(county, incident, actor=actor, route=f"POST /refusals/{code}/withdrawal", key=form.form_key or None)
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/departures/{refusal.departure}")
