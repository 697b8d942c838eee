"""Growers join a station, with or without a phone, and agree how they are paid."""

from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, pii
from core.errors import NotFound, Refused
from supply.stations.models import Station

from .models import Agreement, AgreementKind, Grower, GrowerKind

WHOLE_BP = 10_000


class GrowerUnknown(NotFound):
    code = "grower_unknown"


class Joined(NamedTuple):
    grower: Grower
    agreement: Agreement


def add_grower(
    session: Session,
    station: Station,
    *,
    name: str,
    phone: str | None = None,
    kind: GrowerKind = GrowerKind.GROWER,
    agreement: AgreementKind = AgreementKind.CONSIGNMENT,
    share_bp: int = WHOLE_BP,
) -> Joined:
    """A grower of this station, agreed from today on; the phone is sealed. Raises Refused."""
    if not name.strip():
        raise Refused("写一下农户的名字", field="name")
    if not 0 <= share_bp <= WHOLE_BP:
        raise Refused("分成在 0 到 100% 之间", field="share_bp")
    number = session.exec(select(func.count(col(Grower.id))).where(Grower.station_id == station.node_id)).one() + 1
    while session.exec(select(Grower.id).where(Grower.code == f"{station.code}-g{number}")).first() is not None:
        number += 1
    code = f"{station.code}-g{number}"
    sealed = pii.seal(pii.normalise_phone(phone), f"grower.phone:{code}") if phone else None
    grower = Grower(tenant_id=station.tenant_id, code=code, name=name, kind=kind, station_id=station.node_id, phone_sealed=sealed)
    session.add(grower)
    session.flush()
    agreed = Agreement(
        tenant_id=station.tenant_id, grower_id=grower.id or 0, kind=agreement, share_bp=share_bp, starts_on=clock.today()
    )  # fmt: skip
    session.add(agreed)
    session.flush()
    return Joined(grower, agreed)


def phone_of(grower: Grower) -> str | None:
    """The grower's phone in full; whoever shows it leaves an audit row."""
    return pii.unseal(grower.phone_sealed, f"grower.phone:{grower.code}") if grower.phone_sealed else None


def grower_named(session: Session, code: str, *, tenant_id: int) -> Grower:
    """Raises GrowerUnknown."""
    found = session.exec(select(Grower).where(Grower.tenant_id == tenant_id, Grower.code == code)).first()
    if found is None:
        raise GrowerUnknown("没有这位农户")
    return found
