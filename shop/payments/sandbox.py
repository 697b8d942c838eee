"""The sandbox cashier: a gateway for demo mode that keeps its own book and sends signed notices down the real road.

It shares the database but nothing else with the shop: the shop learns of a charge by a notice (HMAC over time and body)
or by asking, never by looking. It refuses to exist outside demo mode.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, select

from core import clock, db, i18n
from core.errors import Conflict
from core.pii import derived_key
from core.settings import settings
from core.upsert import Upsert

from .models import SandboxCharge, SandboxRefund
from .provider import Action, BadSignature, Bill, BillLine, Notice, RefundAsk, Verdict, Way

_ = i18n.gettext
SIGNATURE = "sandbox-signature"  # t=<unix seconds>,v1=<hex>
TOLERANCE = timedelta(minutes=5)
STATES = {"paid": "captured", "failed": "failed", "closed": "closed"}


_ENTER = Upsert(
    SandboxCharge,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["payment"],
        set_={"outcome": insert.excluded.outcome, "at": insert.excluded.at},
        where=(insert.table.c.outcome == "failed") & (insert.excluded.outcome == "paid"),
    ).returning(insert.table.c.outcome),
)


class ChargeDecided(Conflict):
    """The visitor chose otherwise before, or the payment was closed."""

    code = "charge_decided"


class Sandbox:
    name = "sandbox"
    methods = frozenset({"page", "wap", "qr", "card"})
    title = i18n.marked("演示收银台")
    note = i18n.marked("不动真钱，可以试着付成或付不成")
    sends_to: tuple[str, ...] = ()
    is_blocked_in_wechat = False
    bill_after = timedelta(0)

    def is_ready(self) -> bool:
        return settings.is_demo

    def ways(self, *, on_phone: bool) -> list[Way]:
        return []

    def start(self, bill: Bill) -> Action:
        return Action("redirect", f"/pay/{bill.payment}")

    def query(self, bill: Bill) -> Verdict:
        with db.reading() as session:
            return verdict_of(session.get(SandboxCharge, bill.payment))

    def close(self, bill: Bill) -> Verdict:
        db.run_write(lambda session: _enter(session, bill.payment, "closed", amount_fen=bill.amount_fen, tenant_id=bill.tenant_id))
        return self.query(bill)

    def refund(self, ask: RefundAsk) -> str:
        return db.run_write(lambda session: _refund(session, ask))

    def bill(self, day: date) -> list[BillLine]:
        """Its own book of the day; it keeps no fees and pays nothing out."""
        first, after = clock.midnight(day), clock.midnight(day + timedelta(days=1))
        with db.reading() as session:
            paid = session.exec(
                select(SandboxCharge).where(SandboxCharge.outcome == "paid", SandboxCharge.at >= first, SandboxCharge.at < after)
            ).all()
            given = session.exec(select(SandboxRefund).where(SandboxRefund.at >= first, SandboxRefund.at < after)).all()
        return [
            *(BillLine("payment", c.payment, "", c.amount_fen, at=c.at) for c in paid),
            *(BillLine("refund", r.payment, r.code, r.amount_fen, at=r.at) for r in given),
        ]

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        if headers.get("content-type", "").split(";")[0].strip() != "application/json" or headers.get("content-encoding"):
            raise BadSignature(_("通知的格式不对"))
        if not _verified(headers.get(SIGNATURE, ""), body):
            raise BadSignature(_("通知的签名不对"))
        return self.parse(body)

    def parse(self, body: bytes) -> Notice:
        try:
            told = json.loads(body)
            event_id, kind, account = str(told["id"]), str(told["type"]), str(told["account"])
            payment, amount, currency = str(told["payment"]), int(told["amount_fen"]), str(told["currency"])
        except (ValueError, KeyError, TypeError) as wrong:
            raise BadSignature(_("通知的内容不完整")) from wrong
        if account != ACCOUNT or told.get("live") is not False:
            raise BadSignature(_("通知不是给这个账户的"))
        state = STATES.get(kind.removeprefix("payment."))
        verdict = Verdict(state, amount, currency, f"sb-{payment[:12]}") if state and kind.startswith("payment.") else None
        return Notice(event_id[:200], kind[:60], payment, verdict)


ACCOUNT = "jishi-sandbox"


def verdict_of(charge: SandboxCharge | None) -> Verdict:
    """What the book says of a payment; nothing chosen yet is pending."""
    if charge is None:
        return Verdict("pending")
    return Verdict(STATES[charge.outcome], charge.amount_fen, "CNY", f"sb-{charge.payment[:12]}")


class Sent(NamedTuple):
    """A notice on its way: the headers and the exact body that are signed."""

    headers: Mapping[str, str]
    body: bytes


def choose(session: Session, payment: str, outcome: str, *, tenant_id: int, amount_fen: int) -> Sent:
    """The cashier's visitor pays or fails: written in the book; returns the notice that the shop is to be told by.

    Choosing the same again tells it again (gateways do); a failed payment may still be paid, a paid one never becomes
    failed. Raises ChargeDecided.
    """
    if _enter(session, payment, outcome, amount_fen=amount_fen, tenant_id=tenant_id) != outcome:
        raise ChargeDecided(_("这笔付款已经有结果了"))
    body = notice(payment, outcome, amount_fen=amount_fen).encode()
    return Sent({"content-type": "application/json", SIGNATURE: sign(body)}, body)


def _enter(session: Session, payment: str, outcome: str, *, amount_fen: int, tenant_id: int) -> str:
    """Write an outcome into the book if none stands, or a failure stands and it was paid after all; returns what stands."""
    row = {"payment": payment, "tenant_id": tenant_id, "outcome": outcome, "amount_fen": amount_fen, "at": clock.now()}
    written: str | None = _ENTER.run(session, row).scalar_one_or_none()
    return written or session.exec(select(SandboxCharge.outcome).where(SandboxCharge.payment == payment)).one()


def notice(payment: str, outcome: str, *, amount_fen: int, **more: object) -> str:
    """A notice's exact body. Its id names the fact, so the same fact told twice is one event."""
    told = {
        "id": f"{payment}.{outcome}", "type": f"payment.{outcome}", "account": ACCOUNT, "live": False, "payment": payment,
        "amount_fen": amount_fen, "currency": "CNY", **more,
    }  # fmt: skip
    return json.dumps(told, separators=(",", ":"), sort_keys=True)


def sign(body: bytes) -> str:
    """The signature header of a body sent now."""
    at = int(clock.now().timestamp())
    return f"t={at},v1={_mac(at, body)}"


def _mac(at: int, body: bytes) -> str:
    return hmac.new(derived_key("sandbox notices"), f"{at}.".encode() + body, sha256).hexdigest()


def _verified(header: str, body: bytes) -> bool:
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at = parts.get("t", "")
    if not at.isascii() or not at.isdigit() or len(at) > 12:
        return False
    fresh = abs(clock.now().timestamp() - int(at)) <= TOLERANCE.total_seconds()
    return hmac.compare_digest(_mac(int(at), body).encode(), parts.get("v1", "").encode()) and fresh


def _refund(session: Session, ask: RefundAsk) -> str:
    charge = session.exec(select(SandboxCharge).where(SandboxCharge.payment == ask.payment).with_for_update()).first()
    if charge is None or charge.outcome != "paid":
        return "failed"
    if (known := session.get(SandboxRefund, ask.code)) is not None:
        return "done" if (known.payment, known.amount_fen) == (ask.payment, ask.amount_fen) else "failed"
    given = session.exec(select(func.coalesce(func.sum(SandboxRefund.amount_fen), 0)).where(SandboxRefund.payment == ask.payment)).one()
    if given + ask.amount_fen > charge.amount_fen:
        return "failed"
    session.add(
        SandboxRefund(code=ask.code, tenant_id=charge.tenant_id, payment=ask.payment, amount_fen=ask.amount_fen, at=clock.now())
    )  # fmt: skip
    return "done"
