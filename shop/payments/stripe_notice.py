"""What Stripe tells us, and how a payment of Stripe's reads: events signed with HMAC over the time and the exact body."""

import json
import re
from collections.abc import Mapping
from typing import Any

from core import clock, i18n
from core.settings import settings

from .provider import BadSignature, Notice, Verdict

_ = i18n.gettext
TOLERANCE_S = 300
SPEAKS_OF_PAYMENTS = ("payment_intent.", "checkout.session.")
SPEAKS_OF_MORE = ("charge.dispute.", "refund.", "charge.refund.")
ABOUT = {"dispute": "dispute", "refund": "refund"}
INTENT = {"succeeded": "captured", "canceled": "closed"}  # all else still waits: a card that was refused may be typed again


def verified(headers: Mapping[str, str], body: bytes) -> Notice:
    """An event that Stripe signed with our secret within five minutes, of our own mode. Raises BadSignature.

    Stripe's check lets a time in the future pass; ours does not.
    """
    import stripe

    if headers.get("content-type", "").split(";")[0].strip() != "application/json" or headers.get("content-encoding"):
        raise BadSignature(_("通知的格式不对"))
    header = headers.get("stripe-signature", "")
    try:
        stripe.WebhookSignature.verify_header(body.decode("utf-8"), header, settings.stripe_webhook_secret or "", TOLERANCE_S)
    except (stripe.SignatureVerificationError, ValueError, TypeError):  # a signature beyond ASCII cannot be compared
        raise BadSignature(_("通知的签名不对")) from None
    stamps = [int(t) for t in re.findall(r"(?:^|,)t=([0-9]{1,12})(?=,|$)", header)]
    if not stamps or max(stamps) > clock.now().timestamp() + TOLERANCE_S:
        raise BadSignature(_("通知的时间不对"))
    notice = read(body)
    if json.loads(body).get("livemode") is not ("_live_" in (settings.stripe_api_key or "")):
        raise BadSignature(_("通知不是给这个账户的"))
    return notice


def read(body: bytes) -> Notice:
    """Parse an event that was verified. One that speaks of no payment of ours is kept and not acted on. Raises BadSignature."""
    try:
        told = json.loads(body)
        event_id, kind, seen = str(told["id"]), str(told["type"]), told["data"]["object"]
        payment = payment_of(seen)
        verdict = verdict_of(seen) if payment and kind.startswith(SPEAKS_OF_PAYMENTS) else None
        about = ABOUT.get(str(seen["object"])) if kind.startswith(SPEAKS_OF_MORE) else None
        named = (about, str(seen["id"])[:200]) if about else None
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise BadSignature(_("通知的内容不完整")) from wrong
    return Notice(event_id[:200], kind[:60], payment, verdict, named)


def payment_of(seen: Mapping[str, Any]) -> str:
    """The attempt's code that we gave Stripe with what it shows us; empty for what is not ours."""
    return str((seen.get("metadata") or {}).get("payment") or "")[:64]


def verdict_of(seen: Mapping[str, Any]) -> Verdict:
    """How a PaymentIntent or a Checkout session stands; its `ref` is the intent's once one is known, because refunds go by it."""
    currency = str(seen["currency"]).upper()
    if seen["object"] == "checkout.session":
        if seen["payment_status"] == "paid":
            return Verdict("captured", int(seen["amount_total"]), currency, _id(seen["payment_intent"]))
        return Verdict("closed" if seen["status"] == "expired" else "pending", int(seen["amount_total"]), currency, str(seen["id"]))
    state = INTENT.get(seen["status"], "pending")
    return Verdict(state, int(seen["amount_received" if state == "captured" else "amount"]), currency, str(seen["id"]))


def _id(named: Any) -> str:
    return str(named["id"] if isinstance(named, dict) else named)
