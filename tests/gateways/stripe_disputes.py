"""Stripe for tests, with cardholders who dispute and banks that send refunds back: what it holds, and what it tells of it."""

from typing import Any
from urllib.parse import urlsplit

from .serving import Answer, Ask, as_json
from .stripe import FakeStripe

DUE = 1_900_000_000


class DisputedStripe(FakeStripe):
    def name_of(self, ask: Ask) -> str:
        path = urlsplit(ask.target).path
        return f"{ask.method} disputes/*" if path.startswith("/v1/disputes/") else super().name_of(ask)

    def work(self, call: str, ask: Ask) -> Answer:
        ref = urlsplit(ask.target).path.rpartition("/")[2]
        if call in ("GET disputes/*", "GET refunds/*") and ref in self.made:
            return as_json(200, self.made[ref])
        return super().work(call, ask)

    def dispute(self, intent: str, *, amount: int | None = None, status: str = "needs_response", reason: str = "fraudulent") -> str:
        """A cardholder disputes a charge, with so much or all of it; its name."""
        ref = f"du_{len(self.made):024}"
        self.made[ref] = {
            "id": ref, "object": "dispute", "amount": amount or self.made[intent]["amount"], "currency": "cny", "payment_intent": intent,
            "charge": f"ch_{ref[3:]}", "reason": reason, "status": status, "livemode": False, "metadata": {},
            "evidence_details": {"due_by": DUE, "has_evidence": False, "past_due": False, "submission_count": 0},
        }  # fmt: skip
        return ref

    def told(self, ref: str, kind: str = "charge.dispute.created", **now: Any) -> tuple[bytes, str]:
        """The event of a dispute, after it has become what `now` says."""
        self.made[ref] |= now
        return self.tell(kind, self.made[ref])

    def bounce(self, code: str) -> tuple[bytes, str]:
        """The bank sends the refund of this number back."""
        ref = next(r["id"] for r in self.made.values() if r["object"] == "refund" and r["metadata"]["refund"] == code)
        return self.told(ref, "refund.failed", status="failed", failure_reason="expired_or_canceled_card")
