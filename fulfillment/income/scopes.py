"""Whose income a caller may read: a master their stations', a grower, seller or partner their own, finance and the county all."""

from sqlmodel import Session, select

from core.permissions import Actor
from supply.stations.models import Station

from .models import IncomeEntry


def may_read_station(session: Session, actor: Actor, code: str) -> bool:
    """Whether the station exists here and its income is the caller's to read."""
    here = session.exec(select(Station.node_id).where(Station.tenant_id == actor.tenant_id, Station.code == code)).first()
    return here is not None and (actor.has("admin", "finance") or code in actor.scopes("master"))


def may_read(actor: Actor, row: IncomeEntry) -> bool:
    if actor.has("admin", "finance"):
        return True
    if row.party_kind == "station":
        return row.party_code in actor.scopes("master")
    if row.party_kind == "partner":
        return row.party_code in actor.scopes("partner")
    if row.party_kind == "seller":
        return row.party_code == actor.user_code
    return row.party_kind == "grower" and row.party_code in actor.scopes("grower", "co-op", "merchant")
