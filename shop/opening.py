"""What an operator does once on the machine itself: `jishi county load`, `jishi admin add`, `jishi password`."""

import sys
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, select

import shop.wiring  # noqa: F401 - what follows from a county's first rows
from core import clock, db, pii, upkeep
from core.auth import passwords
from core.settings import settings
from core.tenant import Tenant, TenantUnknown, resolve
from fulfillment.contracts.loading import load_contracts
from fulfillment.network.service import load_network
from fulfillment.subsidies.loading import load_subsidies
from fulfillment.timetable.service import HORIZON_DAYS, open_days
from shop import loading, schema
from shop.listings.loading import load_shopfront
from shop.people import operator
from supply.counties.profile import ProfileError, ProfileUnknown, profile_in, profile_of
from supply.counties.profile_rows import Profile
from supply.counties.service import found_county


def open_county(source: str, *, shelves: bool) -> str:
    """A county from its profile, in one transaction: all of it or nothing. What is there already is left as it is, another is refused."""
    if settings.is_demo:
        sys.exit(f"{settings.home.resolve()} is a demonstration's; give the county a JISHI_HOME of its own, see docs/production.md")
    profile = _profile(source)
    schema.need_current()
    with loading.alone(lambda: print("another process is loading this home; waiting for it", file=sys.stderr)), db.writing() as session:
        if there := session.exec(select(Tenant.code)).first():
            if there == profile.county.code:
                return f"{there} is loaded already; nothing was changed"
            sys.exit(f"{there} is loaded here; an installation serves one county")
        products = _found(session, profile, shelves=shelves)
    upkeep.gather_statistics()
    counts = f"{len(profile.stations)} stations, {len(profile.lines)} lines, {len(profile.trunks)} trunks, {products} products"
    return f"{profile.county.code} {profile.county.name}: {counts}, no stock. Next: jishi admin add PHONE --name NAME"


def _found(session: Session, profile: Profile, *, shelves: bool) -> int:
    loaded = found_county(session, profile, shelves=shelves)
    county, today = loaded.county, clock.today()
    load_network(session, profile, county.id)
    load_contracts(session, profile, county.id)
    load_subsidies(session, profile, county.id)
    load_shopfront(session, loaded.products, county.id, by="operator")
    open_days(session, county, today, today + timedelta(days=HORIZON_DAYS))
    return len(loaded.products)


def _profile(source: str) -> Profile:
    """By its code, else by its path; ends the command, with every fault in words, when it cannot be used."""
    folder = Path(source).expanduser().resolve()
    try:
        return profile_in(folder) if "/" in source or (folder / "county.toml").is_file() else profile_of(source)
    except (ProfileUnknown, ProfileError) as fault:
        sys.exit(f"jishi county load: {fault}")


def add_admin(phone: str, name: str) -> str:
    """Make an administrator or let one in again; the words to print, with a password that is kept nowhere else."""
    once = operator.one_time_password()
    hashed = passwords.hash_password(once)
    schema.need_current()
    with db.writing() as session:
        user = operator.add_admin(session, phone=phone, name=name, hashed=hashed, tenant_id=_county(session))
    return _told(f"{user.name} is an administrator", phone, once)


def renew_password(phone: str) -> str:
    """A one-time password for somebody who has an account."""
    once = operator.one_time_password()
    hashed = passwords.hash_password(once)
    schema.need_current()
    with db.writing() as session:
        user = operator.renew(session, phone=phone, hashed=hashed, tenant_id=_county(session))
    return _told(user.name, phone, once)


def _told(who: str, phone: str, once: str) -> str:
    return (
        f"{who}.\n  sign in at   {settings.address}/login\n  phone        {pii.normalise_phone(phone)}\n  password     {once}\n"
        f"It is shown only now, opens for {operator.GOOD_FOR_H} hours, and the first thing asked is a password of their own."
    )


def _county(session: Session) -> int:
    try:
        return resolve(session, "").id or 0
    except TenantUnknown:
        sys.exit("there is no county yet (or JISHI_COUNTY names none): run jishi county load CODE")
