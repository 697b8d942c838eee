"""Stripe for tests: keys, idempotency keys, PaymentIntents, Checkout sessions and refunds with their limits, signed events.

`events` holds what it told so far: deliver it twice, backwards, late or never. Requests are checked against Stripe's OpenAPI where the
folder named by JISHI_CONTRACT_SPECS holds it (stripe-openapi.json, `latest/openapi.spec3.json` of stripe/openapi).
"""

import hmac
import json
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .serving import Answer, Ask, Gateway, as_json
from .stripe_spec import BadForm, Forms, forms

KEY, SECRET, PUBLISHABLE = "sk_test_9f8e7d6c5b4a3210", "whsec_0123456789abcdef", "pk_test_0123456789abcdef"


class Wrong(Exception):
    def __init__(self, message: str, *, status: int = 400, code: str = "", kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status, self.body = status, {"error": {"type": kind, "code": code, "message": message}}


class FakeStripe(Gateway):
    def __init__(self) -> None:
        super().__init__()
        self.made: dict[str, dict[str, Any]] = {}  # by id
        self.keys: dict[str, tuple[str, bytes, Answer]] = {}
        self.events: list[tuple[bytes, str]] = []
        self.moves: list[dict[str, Any]] = []  # of its balance, oldest first
        self.most = 100  # rows of a page
        self.forms: Forms = forms()

    # what a buyer does

    def charge(self, ref: str) -> tuple[bytes, str]:
        """The buyer's card is charged, on our page or on Stripe's; what the shop is told of it: body and signature."""
        with self.lock:
            seen = self.made[ref]
            if seen["object"] == "checkout.session":
                assert seen["status"] == "open", seen["status"]
                intent = self._intent(seen["amount_total"], seen["currency"], seen["_intent_metadata"])
                seen |= {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"]}
                self._succeed(intent)
                return self.tell("checkout.session.completed", seen)
            assert seen["status"] != "canceled"
            self._succeed(seen)
            return self.tell("payment_intent.succeeded", seen)

    def refuse(self, ref: str) -> tuple[bytes, str]:
        """The card is refused; the buyer may try another."""
        seen = self.made[ref] | {"last_payment_error": {"type": "card_error", "code": "card_declined"}}
        return self.tell("payment_intent.payment_failed", seen)

    def _succeed(self, intent: dict[str, Any]) -> None:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        charge = {"id": f"ch_{intent['id'][3:]}", "object": "charge", "amount": intent["amount"], "currency": "cny"}
        self._balance("charge", intent["amount"], intent["amount"] * 29 // 1000, {**charge, "metadata": intent["metadata"]})

    def payout(self, fen: int) -> None:
        """To the shop's bank."""
        self._balance("payout", -fen, 0, {"id": f"po_{len(self.moves)}", "object": "payout", "amount": fen, "currency": "cny"})

    def adjust(self, fen: int) -> None:
        """A chargeback, say."""
        self._balance("adjustment", fen, 0, None)

    def _balance(self, kind: str, amount: int, fee: int, source: dict[str, Any] | None) -> None:
        self.moves.append(
            {
                "id": f"txn_{len(self.moves):024}", "object": "balance_transaction", "type": kind, "amount": amount, "fee": fee,
                "net": amount - fee, "currency": "cny", "created": int(time.time()), "source": source,
            }
        )  # fmt: skip

    # what Stripe tells

    def tell(self, kind: str, seen: dict[str, Any], *, livemode: bool = False) -> tuple[bytes, str]:
        event = {
            "id": f"evt_{len(self.events)}", "object": "event", "type": kind, "livemode": livemode, "created": int(time.time()),
            "api_version": "2026-10-28.endive", "data": {"object": shown(seen)},
        }  # fmt: skip
        body = json.dumps(event).encode()
        self.events.append((body, signed(body)))
        return self.events[-1]

    # what the shop asks

    def name_of(self, ask: Ask) -> str:
        parts = urlsplit(ask.target).path.removeprefix("/v1/").split("/")
        ids = tuple(self.made)
        return f"{ask.method} " + "/".join("*" if part in ids or part.startswith(("pi_", "cs_", "re_")) else part for part in parts)

    def work(self, call: str, ask: Ask) -> Answer:
        if ask.headers.get("authorization") != f"Bearer {KEY}":
            return as_json(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided: sk_test_****"}})
        once = ask.headers.get("idempotency-key", "")
        if once in self.keys:
            path, body, answer = self.keys[once]
            if (path, body) != (ask.target, ask.body):
                return as_json(
                    400,
                    {
                        "error": {
                            "type": "idempotency_error",
                            "message": "Keys for idempotent requests can only be used with the same parameters",
                        }
                    },
                )
            return answer
        try:
            told = unfolded(ask.body.decode() if ask.method == "POST" else urlsplit(ask.target).query)
            if ask.method == "POST":
                self.forms.check(urlsplit(ask.target).path, told)
            if call not in CALLS:
                raise Wrong(f"Unrecognized request URL ({call})", status=404)
            ref = next((part for part in urlsplit(ask.target).path.split("/") if part.startswith(("pi_", "cs_"))), "")
            if ref and ref not in self.made:
                raise Wrong(f"No such object: {ref}", status=404, code="resource_missing")
            answer = as_json(200, CALLS[call](self, told, ref))
        except Wrong as refused:
            answer = as_json(refused.status, refused.body)
        except BadForm as wrong:
            answer = as_json(400, {"error": {"type": "invalid_request_error", "code": "parameter_unknown", "message": str(wrong)}})
        if once:
            self.keys[once] = (ask.target, ask.body, answer)
        return answer

    def _intent(self, amount: int, currency: str, metadata: dict[str, str]) -> dict[str, Any]:
        ref = f"pi_{len(self.made):024}"
        self.made[ref] = {
            "id": ref, "object": "payment_intent", "amount": amount, "amount_received": 0, "currency": currency, "metadata": metadata,
            "status": "requires_payment_method", "client_secret": f"{ref}_secret_x", "livemode": False,
        }  # fmt: skip
        return self.made[ref]

    def create_intent(self, told: dict[str, Any], _ref: str) -> dict[str, Any]:
        return shown(self._intent(_least(told["amount"]), told["currency"], told.get("metadata", {})))

    def create_session(self, told: dict[str, Any], _ref: str) -> dict[str, Any]:
        lasts = int(told["expires_at"]) - time.time()
        if not 1700 < lasts < 86_500:
            raise Wrong("The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
        [line] = told["line_items"]
        ref = f"cs_test_{len(self.made):024}"
        self.made[ref] = {
            "id": ref, "object": "checkout.session", "status": "open", "payment_status": "unpaid", "payment_intent": None,
            "amount_total": _least(line["price_data"]["unit_amount"]) * int(line["quantity"]), "currency": line["price_data"]["currency"],
            "metadata": told.get("metadata", {}), "_intent_metadata": told.get("payment_intent_data", {}).get("metadata", {}),
            "client_reference_id": told.get("client_reference_id"), "url": f"{self.base}/c/{ref}", "livemode": False,
        }  # fmt: skip
        return shown(self.made[ref])

    def retrieve(self, _told: dict[str, Any], ref: str) -> dict[str, Any]:
        return shown(self.made[ref])

    def cancel(self, _told: dict[str, Any], ref: str) -> dict[str, Any]:
        seen = self.made[ref]
        if seen["status"] in ("succeeded", "canceled"):
            raise Wrong("You cannot cancel this PaymentIntent", code="payment_intent_unexpected_state")
        seen["status"] = "canceled"
        return shown(seen)

    def expire(self, _told: dict[str, Any], ref: str) -> dict[str, Any]:
        seen = self.made[ref]
        if seen["status"] != "open":
            raise Wrong('Only Checkout Sessions with a status in ["open"] can be expired.')
        seen["status"] = "expired"
        return shown(seen)

    def refunds_of(self, intent: str) -> list[dict[str, Any]]:
        return [r for r in self.made.values() if r["object"] == "refund" and r["payment_intent"] == intent]

    def refund(self, told: dict[str, Any], _ref: str) -> dict[str, Any]:
        intent, amount = self.made.get(told["payment_intent"], {}), _least(told["amount"])
        if intent.get("status") != "succeeded":
            raise Wrong("This PaymentIntent does not have a successful charge to refund.")
        left = intent["amount_received"] - sum(r["amount"] for r in self.refunds_of(intent["id"]))
        if amount > left:
            raise Wrong("Refund amount is greater than unrefunded amount on charge", code="charge_already_refunded" if not left else "")
        ref = f"re_{len(self.made):024}"
        self.made[ref] = {
            "id": ref, "object": "refund", "amount": amount, "payment_intent": intent["id"], "metadata": told.get("metadata", {}),
            "status": "succeeded", "currency": intent["currency"],
        }  # fmt: skip
        self._balance("refund", -amount, 0, self.made[ref])
        self.tell("charge.refunded", self.made[ref])
        return self.made[ref]

    def list_refunds(self, told: dict[str, Any], _ref: str) -> dict[str, Any]:
        return {"object": "list", "has_more": False, "url": "/v1/refunds", "data": self.refunds_of(told["payment_intent"])}

    def list_moves(self, told: dict[str, Any], _ref: str) -> dict[str, Any]:
        """Newest first, a page at a time; sources in full only for who asks."""
        span = told["created"]
        found = [m for m in reversed(self.moves) if int(span["gte"]) <= m["created"] < int(span["lt"])]
        if "starting_after" in told:
            found = found[[m["id"] for m in found].index(told["starting_after"]) + 1 :]
        shown, full = found[: min(int(told["limit"]), self.most)], "data.source" in told.get("expand", [])
        data = [m if full else {**m, "source": (m["source"] or {}).get("id")} for m in shown]
        return {"object": "list", "has_more": len(found) > len(shown), "url": "/v1/balance_transactions", "data": data}


CALLS: dict[str, Callable[[FakeStripe, dict[str, Any], str], dict[str, Any]]] = {
    "POST payment_intents": FakeStripe.create_intent,
    "GET payment_intents/*": FakeStripe.retrieve,
    "POST payment_intents/*/cancel": FakeStripe.cancel,
    "POST checkout/sessions": FakeStripe.create_session,
    "GET checkout/sessions/*": FakeStripe.retrieve,
    "POST checkout/sessions/*/expire": FakeStripe.expire,
    "POST refunds": FakeStripe.refund,
    "GET refunds": FakeStripe.list_refunds,
    "GET balance_transactions": FakeStripe.list_moves,
}


def signed(body: bytes, *, secret: str = SECRET, at: int | None = None) -> str:
    at = int(time.time()) if at is None else at
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, sha256).hexdigest()}"


def shown(seen: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in seen.items() if not name.startswith("_")}


def unfolded(form: str) -> dict[str, Any]:
    """`a[b][0][c]=d` as nested dicts and lists, as Stripe reads it."""
    told: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        *way, last = name.replace("]", "").split("[")
        here = told
        for part in way:
            here = here.setdefault(part, {})
        here[last] = value
    return {name: _listed(value) for name, value in told.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(part) for name, part in value.items()}
    return list(inner.values()) if inner and all(name.isdigit() for name in inner) else inner


def _least(amount: str) -> int:
    if not amount.isdigit() or int(amount) <= 0:
        raise Wrong("Invalid positive integer", code="parameter_invalid_integer")
    return int(amount)
