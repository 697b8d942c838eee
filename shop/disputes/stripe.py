"""Disputes and refunds that Stripe tells of: events come in any order, so what holds is how the thing stands there when asked."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlmodel import Session, select

from shop.payments.models import Refund
from shop.payments.notices import Seen, keepers, lookers
from shop.payments.refunds import keep_refund
from shop.payments.stripe_client import answered, client
from shop.payments.stripe_provider import FAILED, REFUNDS

from .models import DisputeStatus
from .service import DisputeTold, keep_dispute

STATES = {
    "needs_response": DisputeStatus.OPENED, "under_review": DisputeStatus.UNDER_REVIEW, "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "warning_needs_response": DisputeStatus.OPENED, "warning_under_review": DisputeStatus.UNDER_REVIEW, "warning_closed": DisputeStatus.WON,
}  # fmt: skip


class RefundSeen(NamedTuple):
    """All that Stripe has under one refund's number: the state of the try that lives, empty without one, and how many failed."""

    code: str
    state: str
    failed: int


def look(kind: str, ref: str) -> Seen | None:
    """A dispute or a refund as it stands at Stripe now; None for a refund that is not ours. Raises GatewaySilent, GatewayRefused."""
    if kind == "dispute":
        with answered("dispute"):
            return dispute_of(client().v1.disputes.retrieve(ref).to_dict())
    with answered("refund"):
        seen = client().v1.refunds.retrieve(ref).to_dict()
        code = str((seen.get("metadata") or {}).get("refund") or "")
        if not code:
            return None
        listed = client().v1.refunds.list({"payment_intent": named(seen["payment_intent"]), "limit": REFUNDS})
    own = [r for r in listed.data if r.to_dict().get("metadata", {}).get("refund") == code]
    return RefundSeen(code, next((r.status for r in own if r.status not in FAILED), ""), sum(r.status in FAILED for r in own))


def dispute_of(seen: dict[str, Any]) -> DisputeTold | None:
    """None for a state that we do not know, which moves nothing."""
    if (status := STATES.get(str(seen["status"]))) is None:
        return None
    due = (seen.get("evidence_details") or {}).get("due_by")
    return DisputeTold(
        ref=str(seen["id"]), payment_ref=named(seen["payment_intent"]), status=status, amount_fen=int(seen["amount"]),
        reason=str(seen.get("reason") or "general")[:60], evidence_by=datetime.fromtimestamp(due, UTC) if due else None,
        holds=not str(seen["status"]).startswith("warning_"),
    )  # fmt: skip


def named(thing: Any) -> str:
    """Stripe shows a thing by its name, or whole."""
    return str(thing["id"] if isinstance(thing, dict) else thing)


def _keep_refund(session: Session, seen: RefundSeen, _by: str) -> str:
    refund = session.exec(select(Refund).where(Refund.code == seen.code)).first()
    if refund is None:
        return "ignored"
    if seen.state == "succeeded":
        keep_refund(session, seen.code, "done")
    elif not seen.state and seen.failed > refund.failures:
        keep_refund(session, seen.code, "failed")
    return str(refund.status)


lookers["stripe"] = look
keepers[DisputeTold] = lambda session, told, by: keep_dispute(session, told, by=by)
keepers[RefundSeen] = _keep_refund
