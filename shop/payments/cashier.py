"""Choosing at the sandbox cashier: its book and its notice to us are one transaction, so neither is ever without the other.

The notice is signed, verified, kept in the inbox and worked later like any stranger's; only the wire between is spared.
"""

from sqlmodel import Session

from .notices import accept
from .sandbox import choose


def decide(session: Session, payment: str, outcome: str, *, tenant_id: int, amount_fen: int) -> None:
    """The visitor pays ("paid") or fails ("failed"). Raises ChargeDecided, ProviderUnknown outside demo mode."""
    sent = choose(session, payment, outcome, tenant_id=tenant_id, amount_fen=amount_fen)
    accept(session, "sandbox", sent.headers, sent.body)
