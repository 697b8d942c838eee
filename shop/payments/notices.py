"""Notices from gateways: signature first, then a row in the inbox, then – by the worker – the work."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from core import db, inbox, tasks
from core.tenant import Tenant

from .models import PaymentAttempt
from .provider import Verdict
from .providers import provider_named
from .settle import settle
from .start import attempt_of, bill_of

Seen = tuple[Any, ...]  # what a gateway shows of another thing than a payment: a NamedTuple of its own
Looker = Callable[[str, str], Seen | None]  # of a kind and the gateway's name, how it stands there now; raises GatewaySilent
Keeper = Callable[[Session, Any, str], str]
lookers: dict[str, Looker] = {}  # by provider
keepers: dict[type, Keeper] = {}  # by the type of what was seen; answers the outcome in a word
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


def ask_about(told: tasks.Notice) -> Verdict | Seen | None:
    """How the payment that a kept notice speaks of stands at its gateway now; None where there is nothing to ask.

    Notices come in any order and say the same of a partial refund as of the payment: the gateway's own answer holds.
    Raises PaymentUnknown, so the worker tries again later, and GatewaySilent.
    """
    provider = provider_named(told.provider)
    read = provider.parse(told.body.encode())
    if read.about is not None:
        return lookers[told.provider](*read.about)
    if read.verdict is None:
        return None
    with db.reading() as session:
        attempt, order = attempt_of(session, read.payment)
        bill = bill_of(attempt, order)
    if attempt.provider != told.provider:
        return None
    return provider.query(bill if bill.ref else replace(bill, ref=read.verdict.ref))


def believe_asked(session: Session, told: tasks.Notice, answer: Verdict | Seen | None) -> str:
    """Settle by what the gateway answered; a notice that names another sum than it is not believed, and a person must look."""
    if answer is None:
        return "ignored"
    if not isinstance(answer, Verdict):
        return keepers[type(answer)](session, answer, f"notice:{told.provider}")
    read = provider_named(told.provider).parse(told.body.encode())
    said = read.verdict
    if said and said.state == answer.state == "captured" and _sum(said) != _sum(answer):
        attempt, _order = attempt_of(session, read.payment)
        answer = said if _sum(answer) == (attempt.amount_fen, attempt.currency) else answer
    return settle(session, read.payment, answer, by=f"notice:{told.provider}")


def _sum(verdict: Verdict) -> tuple[int, str]:
    return verdict.amount_fen, verdict.currency
