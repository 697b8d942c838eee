"""Real gateways for tests of payments: the SDKs talk to them over HTTP, what they tell is knocked on the shop's door."""

import httpx2
from sqlmodel import select

from core import db, tasks
from shop.payments.models import PaymentAttempt
from shop.payments.service import start_payment
from tests.shop.buying import buy, order_of
from tests.shop.visitor import visitor

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def knock(body: bytes, **headers: str) -> httpx2.Response:
    """One notice of Alipay's at the shop's door."""
    return visitor(program=True).post("/webhooks/alipay", content=body, headers={**FORM, **headers})


def begun(county, provider: str, method: str, *, units: int = 1) -> tuple[str, int, str]:
    """A placed order with one attempt that nobody told the gateway of: its number, its total, the attempt's code."""
    with db.writing() as session:
        placed = buy(session, county, ("tomato", units))
        code = start_payment(session, order_of(session, placed.number), provider=provider, method=method).code
    return placed.number, placed.total_fen, code


def stands(number: str) -> str:
    with db.reading() as session:
        return order_of(session, number).payment_status


def attempt_named(code: str) -> PaymentAttempt:
    with db.reading() as session:
        return session.exec(select(PaymentAttempt).where(PaymentAttempt.code == code)).one()


def worked() -> None:
    tasks.drain(raising=False)


def hear(told: tuple[bytes, str], **headers: str) -> httpx2.Response:
    """One event of Stripe's at the shop's door: its body and its signature."""
    sent = {"content-type": "application/json", "stripe-signature": told[1], **headers}
    return visitor(program=True).post("/webhooks/stripe", content=told[0], headers=sent)
