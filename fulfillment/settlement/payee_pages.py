"""/finance/payees – changes that do not count yet; one party's account; /account/payees – one's own, password asked again."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import db, i18n
from core.auth.again import has_own_password, prove
from core.auth.models import User
from core.db import Read
from core.errors import JishiError, NotFound, Refused
from core.permissions import Actor, allow
from core.web import page
from core.web.forms import Plain, do_once

from . import payees, reading
from .forms import OwnPayeeForm, PayeeForm
from .pages import words
from .words import PARTIES, names_of

router = APIRouter()
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
Earner = Annotated[Actor, Depends(allow("master", "grower", "co-op", "merchant", "seller", "partner"))]


@router.get("/finance/payees")
def index(request: Request, session: Read, actor: Reader) -> Response:
    coming = payees.waiting(session, tenant_id=actor.tenant_id)
    names = names_of(session, [(p.party_kind, p.party_code) for p in coming])
    return page(request, "fulfillment/settlement/payees.html", block="payees", payees=coming, names=names, **words())


@router.post("/finance/payees/{code}/stopping")
def stop(request: Request, code: str, form: Annotated[Plain, Form()], actor: Reader) -> Response:
    route = f"POST /finance/payees/{code}/stopping"
    do_once(actor, route, form, lambda session: payees.stop_payee(session, code, tenant_id=actor.tenant_id, by=actor.user_code).code)
    return page(request, "fulfillment/ops/asked.html", back="/finance/payees")


@router.get("/finance/payees/{kind}/{party}")
def payee(request: Request, kind: str, party: str, session: Read, actor: Reader) -> Response:
    return _payee(request, session, actor, kind, party)


def _payee(
    request: Request, session: Session, actor: Actor, kind: str, party: str, *, wrong: JishiError | None = None, typed: Any = None
) -> Response:
    if kind not in PARTIES or not payees.earned(session, actor.tenant_id, kind, party):
        raise NotFound(_("没有这个收款人"))
    errors = {str(wrong.more.get("field", "account")): wrong.detail} if wrong else {}
    return page(
        request, "fulfillment/settlement/payee.html", block="payee", status=wrong.status if wrong else 200, kind=kind, party=party,
        title=names_of(session, [(kind, party)])[kind, party], accounts=payees.accounts_of(session, kind, party, tenant_id=actor.tenant_id),
        errors=errors, typed=typed or {}, **words(),
    )  # fmt: skip


@router.post("/finance/payees/{kind}/{party}")
def name_payee(request: Request, kind: str, party: str, form: Annotated[PayeeForm, Form()], actor: Finance) -> Response:
    def work(session: Session) -> str:
        given = form.model_dump(exclude={"form_key"})
        return payees.set_payee(session, tenant_id=actor.tenant_id, kind=kind, code=party, by=actor.user_code, **given).code

    try:
        do_once(actor, f"POST /finance/payees/{kind}/{party}", form, work)
    except JishiError as wrong:
        with db.reading() as session:
            return _payee(request, session, actor, kind, party, wrong=wrong, typed=form.model_dump(exclude={"account"}))
    return page(request, "fulfillment/ops/asked.html", back=f"/finance/payees/{kind}/{party}")


@router.get("/account/payees")
def own(request: Request, session: Read, actor: Earner) -> Response:
    return _own(request, session, actor)


def _own(request: Request, session: Session, actor: Actor, *, wrong: JishiError | None = None, typed: Any = None) -> Response:
    parties = [party for party in reading.parties_of(actor) if payees.earned(session, actor.tenant_id, *party)]
    names = names_of(session, parties)
    accounts = [(k, c, names[k, c], payees.accounts_of(session, k, c, tenant_id=actor.tenant_id)) for k, c in parties]
    return page(
        request, "fulfillment/settlement/own_payees.html", block="payees", status=wrong.status if wrong else 200, accounts=accounts,
        has_password=has_own_password(session.get_one(User, actor.user_id)), typed=typed or {},
        errors={str(wrong.more.get("field", "account")): wrong.detail} if wrong else {}, **words(),
    )  # fmt: skip


@router.post("/account/payees")
def name_own(request: Request, form: Annotated[OwnPayeeForm, Form()], actor: Earner) -> Response:
    """The password is asked for again: whoever holds the phone for a moment must not turn the money elsewhere."""
    kind, _colon, code = form.party.partition(":")

    def work(session: Session) -> str:
        given = form.model_dump(exclude={"form_key", "party", "password"})
        return payees.set_payee(session, tenant_id=actor.tenant_id, kind=kind, code=code, by=actor.user_code, **given).code

    try:
        if (kind, code) not in reading.parties_of(actor):
            raise Refused(_("选一下是谁的账户"), field="party")
        prove(actor, form.password)
        do_once(actor, "POST /account/payees", form.model_copy(update={"password": ""}), work)
    except JishiError as wrong:
        with db.reading() as session:
            return _own(request, session, actor, wrong=wrong, typed=form.model_dump(exclude={"account", "password"}))
    return page(request, "fulfillment/ops/asked.html", back="/account/payees")
