"""/finance/partners/{firm}/contracts – what is agreed with a firm, and a new contract or price."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound
from core.permissions import Actor, allow
from core.web import page
from core.web.forms import do_once
from supply.counties.profile_kinds import Basis

from . import agreeing
from .forms import ContractForm
from .matching import Contract, contracts_of
from .queries import may_see
from .words import price_words

router = APIRouter()
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
BASES = i18n.marked(
    {
        Basis.PIECE: "一件",
        Basis.KG: "一公斤（不足一公斤算一公斤）",
        Basis.BOX: "一箱",
        Basis.TRIP: "跑一班",
        Basis.VEHICLE_MONTH: "一辆车一个月",
        Basis.FREIGHT_SHARE: "运费分成",
    }
)
PATH = "/finance/partners/{firm}/contracts"


class Agreed(NamedTuple):
    """A contract as the page tells it."""

    what: str
    prices: list[str]
    starts_on: date
    ends_on: date | None
    minimum_fen: int | None
    cap_fen: int | None


@router.get(PATH)
def contracts(request: Request, firm: str, session: Read, actor: Reader) -> Response:
    return _contracts(request, session, actor, firm)


@router.post(PATH)
def create(request: Request, firm: str, form: Annotated[ContractForm, Form()], actor: Finance) -> Response:
    def work(session: Session) -> str:
        return agreeing.agree(session, actor.tenant_id, firm, form.terms(), by=actor.user_code).code

    try:
        do_once(actor, f"POST /finance/partners/{firm}/contracts", form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _contracts(request, session, actor, firm, wrong=wrong, typed=form)
    return page(request, "fulfillment/ops/asked.html", back=f"/finance/partners/{firm}/contracts")


def _contracts(
    request: Request, session: Session, actor: Actor, firm: str, *, wrong: JishiError | None = None, typed: ContractForm | None = None
) -> Response:  # fmt: skip
    may_see(session, actor, firm)
    covers = [
        (f"line:{c.line}" if c.line else f"kind:{c.kind}", i18n.retold(c.words)) for c in agreeing.coverable(session, actor.tenant_id, firm)
    ]
    since = {c.code: c.starts_on for c in agreeing.contracts_with(session, actor.tenant_id, firm)}
    return page(
        request, "fulfillment/partners/contracts.html", block="contracts", status=wrong.status if wrong else 200, firm=firm,
        agreed=[_agreed(c, since) for c in contracts_of(session, actor.tenant_id, [firm]).every], covers=covers,
        bases=[(basis.value, _(words)) for basis, words in BASES.items()], typed=typed.model_dump() if typed else {},
        errors={str(wrong.more.get("field", "price")): wrong.detail} if wrong else {}, form_key=new_token(),
        may_write=actor.has("finance"),
    )  # fmt: skip


def _agreed(c: Contract, since: Mapping[str, date]) -> Agreed:
    return Agreed(c.words, price_words(c.terms), since.get(c.code, c.starts_on), c.ends_on, c.terms.minimum_fen, c.terms.cap_fen)
