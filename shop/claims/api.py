"""/api/v1 – photos and claims of an order for its buyer; for the office what waits, and the decision."""

import re
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Body, Depends, Path, Query
from sqlmodel import Session

from core import db
from core.db import Read, Write
from core.errors import Forbidden, Refused
from core.i18n import gettext as _
from core.idempotency import KeyHeader, once
from core.paging import Cursor, Limit
from core.permissions import Actor, Visitor, allow
from core.pictures import LARGEST, drawn_anew
from core.web.bodies import LARGEST_UPLOADS
from core.web.refusals import refusals
from shop.orders.access import OrderUnknown, TokenHeader, order_for
from shop.orders.queries import instant, instant_if
from shop.payments.giving import NotRefundable, RefundTooMuch

from . import queries, service
from .api_shapes import ClaimDeskList, ClaimDetail, ClaimItem, ClaimList, PhotoKept
from .deciding import DECIDERS, Decision, OwnClaim, decide
from .forms import NewClaim, NewDecision
from .photos import address_of, keep_photos
from .queries import ClaimView
from .service import ClaimDecided, ClaimUnknown, LineUnknown, NotClaimable

router = APIRouter(prefix="/api/v1", tags=["claims"])
Number = Annotated[str, Path(description="The order's number.")]
Code = Annotated[str, Path(description="The claim's code.")]
Decider = Annotated[Actor, Depends(allow(*DECIDERS))]
Picture = Annotated[bytes, Body(media_type="image/jpeg", description="A JPEG, PNG or WEBP of at most 10 MB and 25 megapixels.")]
LARGEST_UPLOADS.append((re.compile(r"(/en)?/api/v1/orders/[^/]+/photos"), LARGEST + 100))


@router.post("/orders/{number}/photos", status_code=201, responses=refusals(OrderUnknown, Refused))
def create_photo(number: Number, picture: Picture, actor: Visitor, token: TokenHeader = None) -> PhotoKept:
    """Send one photo for a claim; it is drawn anew, so nothing but the picture is kept. The same one again is the same."""
    with db.reading() as session:
        order_for(session, number, actor, token)
    drawn = drawn_anew(picture)

    def keep(session: Session) -> PhotoKept:
        (photo,) = keep_photos(session, order_for(session, number, actor, token), [drawn])
        return {"photo": photo.code, "address": address_of(photo)}

    return db.run_write(keep)


@router.get("/orders/{number}/claims", responses=refusals(OrderUnknown))
def list_claims(number: Number, session: Read, actor: Visitor, token: TokenHeader = None) -> ClaimList:
    """An order's claims; same access as the order."""
    return {"items": [_item(view) for view in queries.of_order(session, order_for(session, number, actor, token))], "next": None}


@router.post(
    "/orders/{number}/claims", status_code=201, responses=refusals(OrderUnknown, LineUnknown, NotClaimable, NotRefundable, Refused)
)
def create_claim(
    number: Number, body: NewClaim, session: Write, actor: Visitor, token: TokenHeader = None, key: KeyHeader = None
) -> ClaimItem:  # fmt: skip
    """Claim for a line within its category's window after delivery; a small one is approved by the rule at once."""
    order = order_for(session, number, actor, token)

    def work() -> tuple[int, dict[str, Any]]:
        claim = service.open_claim(session, order, body.line, body.said(), words=body.words, photos=body.photos, by=actor.key)
        return 201, {"id": claim.code}

    _status, answer = once(
        session, tenant_id=actor.tenant_id, actor=f"order:{number}", route="POST /orders/claims", key=key,
        body=body.model_dump_json().encode(), work=work,
    )  # fmt: skip
    return _item(cast(ClaimView, queries.one(session, answer["id"], tenant_id=actor.tenant_id)))


@router.post("/orders/{number}/claims/{claim}/withdrawal", responses=refusals(OrderUnknown, ClaimUnknown, ClaimDecided))
def create_claim_withdrawal(number: Number, claim: Code, session: Write, actor: Visitor, token: TokenHeader = None) -> ClaimItem:
    """Take a claim back before it is decided."""
    done = service.withdraw(session, order_for(session, number, actor, token), claim, by=actor.key)
    return _item(cast(ClaimView, queries.one(session, done.code, tenant_id=actor.tenant_id)))


@router.get("/claims", responses=refusals(Refused))
def list_desk(
    session: Read,
    actor: Decider,
    status: Annotated[
        Literal["approved", "refused", "withdrawn"] | None, Query(description="Those that ended so; without it those that wait.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ClaimDeskList:
    """For the office: what waits, the oldest first, or what ended, the newest first."""
    rows, following = queries.desk(session, tenant_id=actor.tenant_id, status=status or "", cursor=cursor, limit=limit)
    return {"items": [_detail(view) for view in rows], "next": following}


@router.get("/claims/{claim}", responses=refusals(ClaimUnknown))
def read_claim(claim: Code, session: Read, actor: Decider) -> ClaimDetail:
    """One claim with its trail."""
    return _found(session, claim, actor)


@router.post(
    "/claims/{claim}/decision",
    responses=refusals(ClaimUnknown, ClaimDecided, OwnClaim, Forbidden, RefundTooMuch, NotRefundable, Refused),
)
def create_decision(claim: Code, body: NewDecision, session: Write, actor: Decider, key: KeyHeader = None) -> ClaimDetail:
    """Approve or refuse; above the county's limit an approval waits for a second person, who decides by the same call."""

    def work() -> tuple[int, dict[str, Any]]:
        decided = Decision(body.decision == "approve", body.amount_fen, body.bearer, body.note)
        return 200, {"id": decide(session, actor, claim, decided).code}

    once(
        session, tenant_id=actor.tenant_id, actor=actor.key, route=f"POST /claims/{claim}/decision", key=key,
        body=body.model_dump_json().encode(), work=work,
    )  # fmt: skip
    return _found(session, claim, actor)


def _found(session: Session, code: str, actor: Actor) -> ClaimDetail:
    view = queries.one(session, code, tenant_id=actor.tenant_id)
    if view is None:
        raise ClaimUnknown(_("没有这个售后申请"))
    return _detail(view)


def _item(view: ClaimView) -> ClaimItem:
    claim, refund = view.claim, view.refund
    return {
        "id": claim.code, "order": view.order.number, "line": view.line.code, "name": view.line.name, "reason": claim.reason,
        "qty": claim.quantity, "damaged_pct": claim.damaged_pct, "words": claim.words, "photos": view.photos, "status": claim.status,
        "award_fen": claim.award_fen, "amount_fen": claim.amount_fen, "note": claim.note, "opened_at": instant(claim.opened_at),
        "decided_at": instant_if(claim.decided_at),
        "refund": {"code": refund.code, "status": refund.status, "amount_fen": refund.amount_fen} if refund else None,
    }  # fmt: skip


def _detail(view: ClaimView) -> ClaimDetail:
    steps = [{"at": instant(e.at), "to": e.target, "by": e.by, "note": e.note} for e in view.events]
    return cast(ClaimDetail, {**_item(view), "bearer": view.claim.bearer, "station": view.station.code, "steps": steps})
