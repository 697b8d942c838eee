"""Stripe: a card typed on our own page (PaymentIntent) or Stripe's hosted page (Checkout).

The attempt's code is the idempotency key and stands in the metadata of all that Stripe makes for it, by which notices find
it. What Stripe answered to the first call names the payment from then on (`ref`); an attempt without one has nothing a
buyer could pay with, because they would have had it from the same answer.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from core import i18n
from core.settings import settings

from . import stripe_notice
from .provider import Action, Bill, BillLine, GatewayRefused, GatewaySilent, MethodUnknown, Notice, RefundAsk, Verdict, Way
from .stripe_bill import bill_of
from .stripe_client import Unwilling, answered, client

_ = i18n.gettext
CHECKOUT_LASTS = timedelta(hours=1)  # Stripe wants half an hour at least; money that comes after our own deadline is late money
REFUNDS = 100  # more than one payment ever has
FAILED = ("failed", "canceled")
CARD_SCRIPT = "https://js.stripe.com/v3/"
# What Stripe's card form needs, as Stripe lists it, and nothing else; for the page with the form alone.
CARD_FORM = {
    "scripts": ("https://js.stripe.com", "https://*.js.stripe.com"),
    "frames": ("https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"),
    "connects": ("https://api.stripe.com",),
}


class Stripe:
    name = "stripe"
    methods = frozenset({"page", "card"})
    title = i18n.marked("银行卡")
    note = i18n.marked("Visa、万事达等，由 Stripe 收款")
    is_blocked_in_wechat = False
    bill_after = timedelta(hours=1)

    @property
    def sends_to(self) -> tuple[str, ...]:
        return ("https://checkout.stripe.com", *([settings.stripe_api_base] if settings.stripe_api_base else []))

    def is_ready(self) -> bool:
        return bool(settings.stripe_api_key and settings.stripe_webhook_secret)

    def ways(self, *, on_phone: bool) -> list[Way]:
        typed_here = [Way("card", _("在这里填卡号付"))] if settings.stripe_publishable_key else []
        return [*typed_here, Way("page", _("去 Stripe 的付款页"))]

    def start(self, bill: Bill) -> Action:
        known = {"payment": bill.payment, "order": bill.order_number}
        once = {"idempotency_key": bill.payment}
        if bill.method == "card":
            with answered("payment intent"):
                intent = client().v1.payment_intents.create(
                    {
                        "amount": bill.amount_fen, "currency": bill.currency.lower(), "payment_method_types": ["card"],
                        "description": f"订单 {bill.order_number}", "metadata": known,
                    }, once,
                )  # fmt: skip
            return Action("client_secret", str(intent.client_secret), str(intent.id))
        if bill.method != "page":
            raise MethodUnknown(_("这种付款方式没有这个用法"), field="method")
        item = {"currency": bill.currency.lower(), "unit_amount": bill.amount_fen, "product_data": {"name": f"订单 {bill.order_number}"}}
        pay = f"{settings.address}/pay/{bill.payment}"
        with answered("checkout"):
            visit = client().v1.checkout.sessions.create(
                {
                    "mode": "payment", "payment_method_types": ["card"], "line_items": [{"quantity": 1, "price_data": item}],
                    "client_reference_id": bill.payment, "metadata": known, "payment_intent_data": {"metadata": known},
                    "success_url": f"{pay}?back=1", "cancel_url": pay, "expires_at": int((bill.begun_at + CHECKOUT_LASTS).timestamp()),
                }, once,
            )  # fmt: skip
        return Action("redirect", str(visit.url), str(visit.id))

    def query(self, bill: Bill) -> Verdict:
        if not bill.ref:
            return Verdict("pending")
        with answered("query"):
            if bill.ref.startswith("cs_"):
                seen = client().v1.checkout.sessions.retrieve(bill.ref).to_dict()
            else:
                seen = client().v1.payment_intents.retrieve(bill.ref).to_dict()
        if stripe_notice.payment_of(seen) != bill.payment:
            raise GatewaySilent(_("Stripe 答的是另一笔付款"))
        return stripe_notice.verdict_of(seen)

    def close(self, bill: Bill) -> Verdict:
        if not bill.ref:
            return Verdict("closed")
        with suppress(Unwilling), answered("close"):  # it may be closed already, or paid meanwhile
            if bill.ref.startswith("cs_"):
                client().v1.checkout.sessions.expire(bill.ref)
            else:
                client().v1.payment_intents.cancel(bill.ref)
        return self.query(bill)

    def refund(self, asked: RefundAsk) -> str:
        """Stripe forgets an idempotency key after a day, so what was given back under this number before is looked for first."""
        if not asked.ref:
            raise GatewayRefused(_("不知道 Stripe 那边是哪一笔付款"))
        with answered("refunds"):
            before = client().v1.refunds.list({"payment_intent": asked.ref, "limit": REFUNDS})
        own = [r for r in before.data if r.to_dict().get("metadata", {}).get("refund") == asked.code]
        given: Any = next((r for r in own if r.status not in FAILED), None)
        if given is None and len(own) > asked.failures:
            return "failed"  # one that we have not heard of yet
        try:
            if given is None:
                with answered("refund"):
                    given = client().v1.refunds.create(
                        {"payment_intent": asked.ref, "amount": asked.amount_fen, "metadata": {"refund": asked.code}},
                        {"idempotency_key": f"{asked.code}-{asked.failures}" if asked.failures else asked.code},
                    )
        except Unwilling:
            return "failed"
        if given.amount != asked.amount_fen or given.status in FAILED:
            return "failed"
        if given.status != "succeeded":
            raise GatewaySilent(_("Stripe 还没有说退款成了"))
        return "done"

    def bill(self, day: date) -> list[BillLine]:
        return bill_of(day)

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        return stripe_notice.verified(headers, body)

    def parse(self, body: bytes) -> Notice:
        return stripe_notice.read(body)
