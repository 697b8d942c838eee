"""Notices from gateways: signature first, then a row in the inbox, then – by the worker – the work."""

from collections.abc import Mapping

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from core import inbox, tasks
from core.tenant import Tenant

from .models import PaymentAttempt
from .providers import provider_named
from .settle import settle

_TENANT = select(PaymentAttempt.tenant_id).where(col(PaymentAttempt.code) == bindparam("payment"))


def accept(session: Session, provider: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Keep a notice if it is genuine; True when it is new. Raises ProviderUnknown, BadSignature.

    A notice may come before we know its payment; it is kept for the first tenant then, and its work is tried again.
    """
    told = provider_named(provider).read_notice(headers, body)
    tenant = session.execute(_TENANT, {"payment": told.payment}).scalar_one_or_none()
    tenant = tenant or session.exec(select(Tenant.id).order_by(col(Tenant.id))).first() or 0
    kept = inbox.receive(
        session, tenant_id=tenant, provider=provider, event_id=told.event_id, kind=told.kind, body=body.decode()
    )  # fmt: skip
    return kept is not None


def believe(session: Session, told: tasks.Notice) -> str:
    """Settle by a kept notice; kinds we do not act on are noted. Raises PaymentUnknown, so the worker tries again later."""
    read = provider_named(told.provider).parse(told.body.encode())
    if read.verdict is None:
        return "ignored"
    return settle(session, read.payment, read.verdict, by=f"notice:{told.provider}")
