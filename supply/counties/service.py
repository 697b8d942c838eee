"""A county comes into the installation: from a profile's files to rows, in a few bulk inserts and one transaction."""

from typing import NamedTuple

from sqlmodel import Session, select, update

from core import clock
from core.errors import Conflict
from core.tenant import Tenant, forget_tenants
from supply.stations.models import Node, Station, VillageService

from .loading import ids_by, insert_rows
from .loading_produce import LoadedProduct, load_own_produce, load_produce
from .models import County, ShareRule, Township
from .policy import to_policy
from .profile_rows import Profile
from .profile_rules import CountyProfile
from .profile_words import words_of


class CountyKnown(Conflict):
    """The installation has this county already."""

    code = "county_known"


class LoadedCounty(NamedTuple):
    county: County
    products: list[LoadedProduct]


def load_county(session: Session, profile: Profile, seed: int) -> LoadedCounty:
    """A demo county: the profile's places and rules, people and produce with their opening stock, received on the clock's day.

    Names and numbers come from `seed`, public codes from `core.codes`. Raises CountyKnown.
    """
    county = _begin(session, profile)
    return LoadedCounty(county, load_produce(session, profile, seed, tenant_id=county.id))


def found_county(session: Session, profile: Profile, *, shelves: bool) -> LoadedCounty:
    """A county that will trade: what its profile says and nobody invented, without stock. Raises CountyKnown."""
    county = _begin(session, profile)
    return LoadedCounty(county, load_own_produce(session, profile, shelves=shelves, tenant_id=county.id))


def _begin(session: Session, profile: Profile) -> County:
    known = session.exec(select(Tenant.id).where(Tenant.code == profile.county.code)).first()
    if known is not None:
        raise CountyKnown(f"{profile.county.name}已经装好了")
    county = _load_rules(session, profile.county._replace(words=words_of(profile)))
    load_places(session, profile, county.id)
    return county


def _load_rules(session: Session, rules: CountyProfile) -> County:
    tenant = Tenant(code=rules.code, name=rules.name, created_at=clock.now())
    session.add(tenant)
    session.flush()
    forget_tenants()
    county = County(
        id=tenant.id or 0, code=rules.code, name=rules.name, region=rules.region, brand=rules.brand, tagline=rules.tagline,
        policy=to_policy(rules),
    )  # fmt: skip
    session.add(county)
    session.flush()
    shares = [
        ShareRule(
            tenant_id=county.id, version=rule.version, starts_on=rule.starts, consignment_bp=rule.consignment_bp,
            master_bp=rule.master_sale_bp, platform_bp=rule.platform_bp, packing_fen=rule.packing_fen, inbound_fen=rule.inbound_fen,
            on_behalf_bp=rule.on_behalf_bp or 0,
        )
        for rule in rules.shares
    ]  # fmt: skip
    session.add_all(shares)
    session.flush()
    return county


def load_places(session: Session, profile: Profile, tenant_id: int) -> None:
    """Townships, nodes with who serves them, the stations among them, and the registry of village services."""
    insert_rows(session, Township, tenant_id, ({"code": t.code, "name": t.name, "population": t.population} for t in profile.townships))
    townships = ids_by(session, Township, tenant_id, "name")
    nodes = [
        {
            "code": n.code, "name": n.name, "kind": n.kind, "township_id": townships[n.township],
            "lat": n.lat, "lon": n.lon,
        }
        for n in profile.nodes
    ]  # fmt: skip
    insert_rows(session, Node, tenant_id, nodes)
    ids = ids_by(session, Node, tenant_id)
    session.execute(update(Node), [{"id": ids[n.code], "served_by_id": ids[n.served_by]} for n in profile.nodes if n.served_by])
    stations = [
        {
            "node_id": ids[n.code], "code": n.code, "name": n.name, "master_name": n.master, "story": n.story,
            "signature": n.signature, "opens_min": n.opens, "closes_min": n.closes, "is_flagship": n.flagship, "services": list(n.services),
        }
        for n in profile.stations
    ]  # fmt: skip
    insert_rows(session, Station, tenant_id, stations)
    insert_rows(session, VillageService, tenant_id, (service._asdict() for service in profile.services))
