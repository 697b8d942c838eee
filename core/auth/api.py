"""/api/v1/auth – sessions and one-time codes."""

from fastapi import APIRouter, Request, Response

from core import clock, db, limits, pii
from core.auth import service
from core.auth.api_shapes import CodeSent, SessionStarted
from core.auth.current import carries_bearer
from core.auth.forms import NewCode, NewSession
from core.auth.signing_in import enter
from core.errors import TooMany
from core.permissions import Anybody, Visitor
from core.web.refusals import refusals

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])


@router.post("/sessions", status_code=201, responses=refusals(service.WrongSignIn, service.DoorClosed, TooMany))
def create_session(request: Request, body: NewSession, actor: Anybody) -> SessionStarted:
    """Sign in by phone and password or one-time code; sets the session cookie, and `token: true` also returns a Bearer.

    The two are sessions of their own: signing out ends the one that the call came with.
    """
    limits.hit_by_address(request, "sign_in", "20/15minutes")
    entered = enter(request, body.phone, password=body.password, otp=body.otp, receipt=body.receipt, bearer=body.token)
    request.state.session_token, request.state.code_receipt = entered.token, ""
    answer: SessionStarted = {
        "user": {"code": entered.user.code, "name": entered.user.name, "roles": sorted(entered.roles)},
        "expires_at": clock.local(entered.sign_in.expires_at).isoformat(), "needs_second_factor": entered.needs_second_factor,
    }  # fmt: skip
    if entered.bearer:
        answer["token"] = entered.bearer
    return answer


@router.delete("/sessions/current", status_code=204)
def end_current_session(request: Request, actor: Visitor) -> Response:
    """Sign out: ends the session the call came with, a Bearer's or the cookie's. One that is gone already is no error."""
    if actor.sign_in_id is not None:
        with db.writing() as session:
            service.end_session(session, actor.sign_in_id)
    if not carries_bearer(request):
        request.state.session_token = ""
    return Response(status_code=204)


@router.post("/codes", status_code=202, responses=refusals(TooMany, service.CodesNotSent))
def send_code(request: Request, body: NewCode, actor: Anybody) -> CodeSent:
    """Send six digits to a phone; the answer is the same whether the phone is known or not.

    They work with the receipt alone: a client that keeps cookies sends it by itself, any other in the body of `POST /auth/sessions`.
    """
    limits.hit_by_address(request, "one_time_code", "20/hour")
    phone = pii.normalise_phone(body.phone)
    with db.writing() as session:
        request.state.code_receipt = receipt = service.send_code(session, phone, tenant_id=actor.tenant_id)
    return {"expires_in_s": service.CODE_MINUTES * 60, "receipt": receipt}
