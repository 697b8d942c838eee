"""/station/weighing/{consignment} – what each line weighed at packing; what is short goes back to its buyer by itself."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError
from core.permissions import Actor, allow
from core.quantity import typed_grams
from core.web import page
from fulfillment.consignments.queries import find_job
from shop.orders.models import OrderLine
from shop.payments.models import Refund
from supply.stations.desk import stations_of, work_at

from .models import WeighSlip
from .service import weigh

router = APIRouter(prefix="/station/weighing")
_ = i18n.gettext
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
Typed = Annotated[str, Field(max_length=100)]
UNITS = i18n.marked({"斤": "斤", "克": "克", "公斤": "公斤"})


class WeighForm(BaseModel):
    """What one line weighs, net, with its unit or in the chosen one; `again` where the first figure was doubted."""

    model_config = {"extra": "forbid"}
    form_key: Typed = ""
    line: Typed = ""
    net: Typed = ""
    again: Typed = ""
    unit: Literal["斤", "克", "公斤"] = "斤"

    def grams(self) -> int:
        """Raises Refused."""
        return typed_grams(self.net, self.unit, field="net")

    def confirmed(self) -> int | None:
        """The figure typed once more. Raises Refused."""
        return typed_grams(self.again, self.unit, field="again") if self.again.strip() else None


@router.get("/{code}")
def show(request: Request, code: str, session: Read, actor: Keeper) -> Response:
    return _shown(request, session, actor, code)


@router.post("/{code}")
def create_slip(request: Request, code: str, form: Annotated[WeighForm, Form()], actor: Keeper) -> Response:
    """A line is weighed once: the same figure again changes nothing, so the form needs no key of its own."""

    def write(session: Session) -> str:
        stations = stations_of(session, actor)
        find_job(session, stations, code)
        return weigh(
            session, form.line.strip(), form.grams(), stations=[s.code for s in stations], tenant_id=actor.tenant_id,
            by=actor.key, again=form.confirmed(),
        ).code  # fmt: skip

    try:
        db.run_write(write)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _shown(request, session, actor, code, typed=form, wrong=wrong)
    return page(request, "weighing/show.html", back=f"/station/weighing/{code}")


def _shown(
    request: Request, session: Session, actor: Actor, code: str, *, typed: WeighForm | None = None, wrong: JishiError | None = None
) -> Response:  # fmt: skip
    own = stations_of(session, actor)
    here, job = find_job(session, own, code)
    work_at(request, here, own)
    rows = session.exec(
        select(OrderLine, WeighSlip, Refund)
        .outerjoin(WeighSlip, col(WeighSlip.line_id) == col(OrderLine.id))
        .outerjoin(Refund, col(Refund.id) == col(WeighSlip.refund_id))
        .where(OrderLine.tenant_id == actor.tenant_id, col(OrderLine.code).in_([line.line_code for line in job.lines]))
        .order_by(col(OrderLine.position))
    ).all()  # fmt: skip
    answer = page(
        request, "weighing/show.html", block="slips", status=wrong.status if wrong else 200, station=here, job=job, rows=rows,
        units=[(unit, _(words)) for unit, words in UNITS.items()],
        typed=typed.model_dump() if typed else {}, wrong=wrong, doubted=wrong is not None and wrong.code == "weight_doubtful",
        form_key=new_token(),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
