"""/live – the livestream seller's desk: my links with their numbers, one more, and an end to one."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from core import clock, db
from core.auth.pages import homes
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound
from core.idempotency import once
from core.permissions import Actor, allow
from core.settings import settings
from core.web import page
from core.web.nav import Entry, register
from core.web.templates import localised
from shop.channels.pages import qr_svg
from shop.listings.forms import ActForm, TypedForm, checked
from shop.search import service as search
from shop.search.engine import Query as Question
from shop.web.words import named
from supply.counties.deps import CurrentCounty
from supply.counties.models import County

from . import queries, service
from .forms import LinkForm

router = APIRouter()
Seller = Annotated[Actor, Depends(allow("seller"))]
homes["seller"] = "/live"
register("live", Entry(0, "/live", "我的链接", "live"), Entry(5, "/live/new", "做链接", "code"))


@router.get("/live")
def index(request: Request, session: Read, actor: Seller) -> Response:
    links = queries.links_of(session, actor)
    stats = queries.stats_of(session, [link.id or 0 for link in links])
    shown = [(queries.landing(session, link), stats[link.id or 0]) for link in links[:20]]
    total = queries.Stats(*(sum(values) for values in zip(*stats.values(), strict=True))) if stats else queries.Stats()
    return page(request, "links/index.html", block="links", shown=shown, total=total, form_key=new_token())


@router.get("/live/new")
def new(
    request: Request, session: Read, county: CurrentCounty, actor: Seller,
    q: Annotated[str, Query(max_length=200)] = "", sku: Annotated[str, Query(max_length=40)] = "",
) -> Response:  # fmt: skip
    """First find the goods, then say price, quota and time."""
    start = clock.local(clock.now()).replace(second=0, microsecond=0)
    typed = {
        "sku": sku,
        "quota": "100",
        "commission": "10",
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "minutes": "120",
        "form_key": new_token(),
    }
    return _new_page(request, session, county, {**typed, "form_key": new_token()}, q=q)


@router.post("/live/links")
def create(request: Request, typed: TypedForm, county: CurrentCounty, actor: Seller) -> Response:
    def work(session: Session) -> str:
        form = checked(LinkForm, typed)

        def made() -> tuple[int, dict[str, Any]]:
            link = service.create_link(
                session, actor, [service.Wanted(form.sku, form.price)], quota=form.quota, commission_bp=form.commission * 100,
                starts_at=form.starts_at, ends_at=form.ends_at, session_name=form.session_name,
            )  # fmt: skip
            return 201, {"code": link.code}

        sent = form.model_dump_json().encode()
        done = once(
            session, tenant_id=actor.tenant_id, actor=actor.key, route="POST /live/links", key=form.form_key or None, body=sent, work=made
        )
        return str(done[1]["code"])

    try:
        code = db.run_write(work)
    except JishiError as wrong:
        with db.reading() as session:
            return _new_page(request, session, county, typed, wrong=wrong)
    return RedirectResponse(localised(f"/live/{code}"), 303)


@router.get("/live/{code}")
def show(request: Request, code: str, session: Read, actor: Seller) -> Response:
    link = service.own_link(session, code, actor)
    address = f"{settings.address}/l/{link.code}"
    return page(
        request, "links/link.html", found=queries.landing(session, link), stats=queries.stats_of(session, [link.id or 0])[link.id or 0],
        address=address, qr=qr_svg(address), form_key=new_token(),
    )  # fmt: skip


@router.post("/live/{code}/closing")
def close(request: Request, code: str, typed: TypedForm, actor: Seller) -> Response:
    checked(ActForm, typed)
    db.run_write(lambda session: service.close_link(session, service.own_link(session, code, actor), actor))
    return RedirectResponse(localised(f"/live/{code}"), 303)


def _new_page(
    request: Request, session: Session, county: County, typed: dict[str, Any], *, q: str = "", wrong: JishiError | None = None
) -> Response:  # fmt: skip
    chosen = None
    if sku := str(typed.get("sku", ""))[:40]:
        chosen = queries.offered(session, sku, tenant_id=county.id)
        if chosen is None and wrong is None:
            raise NotFound("没有这样货，或者它不在架上")
    goods = [] if chosen else search.find(session, Question(tenant=county.id, text=q.strip()[:100], limit=12, sellable=True)).cards
    faults: dict[str, str] = {}
    if wrong is not None:
        faults = getattr(wrong, "faults", None) or {str(wrong.more.get("field") or "form"): wrong.detail}
    faults = {{"commission_bp": "commission", "ends_at": "minutes"}.get(name, name): words for name, words in faults.items()}
    return page(
        request, "links/new.html", status=wrong.status if wrong else 200, chosen=chosen, goods=goods, q=q, typed=typed, faults=faults,
        said={name: named(name, words) for name, words in faults.items()},
    )  # fmt: skip
