"""A row of income opens to its cause. Floors register how a kind of cause is told; here are fulfilment's own.

A resolver turns (session, tenant, cause code) into a `Cause`: words a person reads and facts a program reads, or None
when the cause is gone or not this tenant's. No personal data: a buyer is a city, never a name.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import i18n
from core.quantity import kg
from fulfillment.consignments.models import Consignment, Parcel

from .api_shapes import IncomeCause

_ = i18n.gettext


class Cause(NamedTuple):
    title: str
    facts: list[tuple[str, str]]
    href: str = ""


Resolver = Callable[[Session, int, str], Cause | None]
_resolvers: dict[str, Resolver] = {}


def opens(kind: str) -> Callable[[Resolver], Resolver]:
    """Register the resolver of a kind of cause."""

    def keep(resolver: Resolver) -> Resolver:
        _resolvers[kind] = resolver
        return resolver

    return keep


def cause_of(session: Session, *, tenant_id: int, kind: str, code: str) -> Cause | None:
    resolver = _resolvers.get(kind)
    return resolver(session, tenant_id, code) if resolver else None


def as_json(cause: Cause | None) -> IncomeCause | None:
    return cause and {"title": cause.title, "facts": [{"name": n, "value": v} for n, v in cause.facts]}


@opens("parcel")
def _parcel(session: Session, tenant_id: int, code: str) -> Cause | None:
    row = session.exec(
        select(Parcel, Consignment)
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .where(Parcel.tenant_id == tenant_id, Parcel.code == code)
    ).first()
    if row is None:
        return None
    parcel, consignment = row
    facts = [(_("寄往"), f"{consignment.city}{consignment.district}"), (_("毛重"), f"{kg(parcel.grams)} kg")]
    if parcel.packed_at:
        facts.append((_("打包"), i18n.moment(parcel.packed_at)))
    if parcel.delivered_at:
        facts.append((_("送达"), i18n.moment(parcel.delivered_at)))
    return Cause(_("包裹 {code}").format(code=code), facts, f"/track/{code}")
