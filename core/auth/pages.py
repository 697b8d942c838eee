"""/login, /logout, /account: in, out, and what is mine."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session, col, select

from core import clock, db, i18n, limits, notify, pii
from core.auth import passwords, second_factor, service
from core.auth.again import has_own_password
from core.auth.current import carries_bearer
from core.auth.devices import device_words
from core.auth.forms import CodeForm, DigitsForm, EndSessionForm, PasswordForm, SetUpForm, SignInForm, safe_next
from core.auth.models import SignIn, User
from core.auth.signing_in import enter
from core.db import Read, Write
from core.errors import JishiError, Refused, TooMany
from core.permissions import STAFF, Actor, Anybody, SignedIn, Visitor
from core.settings import settings
from core.web import page, quick
from core.web.templates import localised

router = APIRouter()
_ = i18n.gettext


demo_people: list[Callable[[], Sequence[Any]]] = []
"""In demo mode the login page lists who can sign in (`.phone .name .home`); the demo registers them."""

homes: dict[str, str] = {}
"""Where each role begins its day; floors register theirs."""


earning_roles: set[str] = set()
"""Roles whose account page leads to their own income; the floor that keeps income registers them."""

duties: list[Callable[[Session, Actor], Sequence[Any]]] = []
"""What the account page says about each post its reader holds (`.role .where .words .links`); the roof registers it."""


def home_of(roles: frozenset[str]) -> str:
    """Where somebody goes after signing in: their desk, else what they are told on their account page, a consumer the shop."""
    return next((path for role, path in homes.items() if role in roles), "/account" if roles - {"consumer"} else "/")


def _login_page(request: Request, *, status: int = 200, **context: Any) -> Response:
    people = [person for listed in demo_people for person in listed()] if settings.is_demo else []
    shown: dict[str, Any] = {"wrong": None, "phone": "", "sent": False, "next": "", "by_code": notify.can_send(), **context}
    return page(request, "auth/login.html", block="form", status=status, people=people, **shown)


@router.get("/login")
@quick
def login(request: Request, actor: Visitor, next: str = "") -> Response:
    if actor.user_id is not None:
        return RedirectResponse(localised(safe_next(next, home_of(actor.roles))), 303)
    return _login_page(request, next=safe_next(next, ""))


@router.post("/login")
def create_session(request: Request, form: Annotated[SignInForm, Form()], actor: Visitor) -> Response:
    limits.hit_by_address(request, "sign_in", "20/15minutes")
    onward = safe_next(form.next, "")
    try:
        entered = enter(request, form.phone, password=form.password, otp=form.otp)
    except JishiError as wrong:
        status = 422 if wrong.status == 401 else wrong.status
        return _login_page(request, status=status, wrong=wrong, phone=form.phone, next=onward, sent=bool(form.otp or form.by))
    request.state.session_token, request.state.code_receipt = entered.token, ""
    if entered.needs_own_password:
        return _to_password(onward)
    if entered.needs_second_factor:
        return RedirectResponse(localised(f"/account/second-factor?next={quote(onward)}"), 303)
    return RedirectResponse(localised(onward or home_of(entered.roles)), 303)


@router.post("/login/code")
def send_code(request: Request, form: Annotated[CodeForm, Form()], actor: Anybody) -> Response:
    """Send a code, or another one, to be filled in in this browser. Where none can be sent, none is asked for."""
    limits.hit_by_address(request, "one_time_code", "20/hour")
    shown: dict[str, Any] = {"phone": form.phone, "next": safe_next(form.next, "")}
    try:
        phone = pii.normalise_phone(form.phone)
        with db.writing() as session:
            receipt = service.send_code(session, phone, tenant_id=actor.tenant_id)
    except JishiError as wrong:
        return _login_page(request, status=wrong.status, wrong=wrong, sent=isinstance(wrong, TooMany), **shown)  # the one before is out
    request.state.code_receipt = receipt
    return _login_page(request, sent=True, **shown)


@router.post("/logout")
def end_session(request: Request, form: Annotated[EndSessionForm, Form()], session: Write, actor: Visitor) -> Response:
    if actor.sign_in_id is not None:
        service.end_session(session, actor.sign_in_id)
    if not carries_bearer(request):
        request.state.session_token = ""
    return RedirectResponse(localised("/"), 303)


@router.get("/account")
def account(request: Request, session: Read, actor: Visitor) -> Response:
    if actor.user_id is None:
        return RedirectResponse(localised("/login?next=/account"), 303)
    user = session.get_one(User, actor.user_id)
    signed_in = session.exec(
        select(SignIn)
        .where(SignIn.user_id == user.id, col(SignIn.revoked_at).is_(None), col(SignIn.expires_at) > clock.now())
        .order_by(col(SignIn.seen_at).desc())
        .limit(20)
    ).all()
    phone = pii.mask_phone(pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}"))
    return page(
        request, "auth/account.html", block="sessions", user=user, phone=phone, signed_in=signed_in, this_session=actor.sign_in_code,
        has_password=has_own_password(user), has_factor=second_factor.is_on(session, user),
        is_staff=bool((actor.roles | actor.withheld) & STAFF), withheld=bool(actor.withheld), home=home_of(actor.roles),
        earns=actor.has(*earning_roles), duties=[duty for told in duties for duty in told(session, actor)],
        device_words=device_words,
    )  # fmt: skip


@router.post("/account/sessions/{code}/end")
def end_other_session(request: Request, code: str, form: Annotated[EndSessionForm, Form()], session: Write, actor: SignedIn) -> Response:
    service.end_own_session(session, actor.user_id or 0, code)
    return RedirectResponse(localised("/account"), 303)


@router.get("/account/password")
def show_password(request: Request, session: Read, actor: SignedIn, next: str = "") -> Response:
    return _password_page(request, has_own_password(session.get_one(User, actor.user_id)), next=next)


@router.post("/account/password")
def choose_password(request: Request, form: Annotated[PasswordForm, Form()], actor: SignedIn) -> Response:
    """A first password needs nothing more than being signed in; a new one needs the old. Other browsers are signed out."""
    limits.hit("password", actor.user_code, "10/15minutes")
    with db.reading() as session:
        user = session.get_one(User, actor.user_id)
    try:
        if has_own_password(user) and not passwords.matches(form.old, user.password_hash):
            raise service.WrongSignIn(_("现在的密码不对"), field="old")
        if passwords.matches(form.password, user.password_hash):
            raise Refused(_("这就是现在的密码，换一个"), field="password")
        hashed = passwords.choose_password(form.password)
    except JishiError as wrong:
        return _password_page(request, has_own_password(user), next=form.next, wrong=wrong)
    with db.writing() as session:
        service.set_password(session, actor, hashed)
    if actor.withheld:
        return RedirectResponse(localised(f"/account/second-factor?next={quote(safe_next(form.next, ''))}"), 303)
    return RedirectResponse(localised(safe_next(form.next, "/account")), 303)


def _to_password(onward: str) -> Response:
    return RedirectResponse(localised(f"/account/password?next={quote(onward)}"), 303)


def _password_page(request: Request, has_one: bool, *, next: str = "", wrong: JishiError | None = None) -> Response:
    return page(
        request, "auth/password.html", block="form", status=422 if wrong else 200, has_one=has_one, wrong=wrong, next=safe_next(next, ""),
        by_code=notify.can_send(),
    )  # fmt: skip


@router.get("/account/second-factor")
def show_second_factor(request: Request, actor: SignedIn, next: str = "") -> Response:
    """Staff prove the second factor here; who has none is offered to set it up. Who has no password of their own chooses one first."""
    return _factor_page(request, actor, next=next)


def _factor_page(request: Request, actor: Actor, *, next: str = "", wrong: JishiError | None = None) -> Response:
    with db.reading() as session:
        user = session.get_one(User, actor.user_id)
        if user.password_until is not None:
            return _to_password(next)
        on, address = second_factor.is_on(session, user), second_factor.pending_address(session, user)
    shown: dict[str, Any] = {"is_on": on, "address": address, "wrong": wrong, "next": safe_next(next, "")}
    picture, status = _qr(address) if address else None, wrong.status if wrong else 200
    return page(request, "auth/second_factor.html", block="form", status=status, picture=picture, **shown)


@router.post("/account/second-factor/setup")
def begin_second_factor(request: Request, form: Annotated[SetUpForm, Form()], session: Write, actor: SignedIn) -> Response:
    user = session.get_one(User, actor.user_id)
    if user.password_until is not None:
        return _to_password(form.next)
    second_factor.begin(session, user)
    return RedirectResponse(localised(f"/account/second-factor?next={quote(safe_next(form.next, ''))}"), 303)


def _qr(address: str) -> str:
    import segno

    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=2))


@router.post("/account/second-factor")
def prove_second_factor(request: Request, form: Annotated[DigitsForm, Form()], actor: SignedIn) -> Response:
    limits.hit("second_factor", actor.user_code, "10/15minutes")
    try:
        with db.writing() as session:
            user = session.get_one(User, actor.user_id)
            if user.password_until is not None:
                return _to_password(form.next)
            second_factor.verify(session, user, form.digits)
            request.state.session_token = service.raise_session(session, actor.sign_in_id or 0)
    except JishiError as wrong:
        return _factor_page(request, actor, next=form.next, wrong=wrong)
    return RedirectResponse(localised(safe_next(form.next, home_of(actor.roles | actor.withheld))), 303)
