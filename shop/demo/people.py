"""The demo's sign-ins: one user per role, a master for every station, all with one password.

Who grows and who makes is cast when the history is over: those of whom something was sold, so that their pages have something to say.
"""

from typing import NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col, func, select, update

from core import clock, pii
from core.auth.models import Grant, User
from core.auth.passwords import hash_password
from core.codes import new_code
from core.permissions import Actor
from fulfillment.custody.doors import door_code
from fulfillment.income.models import IncomeEntry, IncomeState
from shop.demo.sign_ins import FIRST_MASTER, PASSWORD
from supply.counties.loading import insert_rows
from supply.counties.profile_rows import NodeRow, Profile
from supply.growers.models import Grower, GrowerKind
from supply.stations.models import Station

GROWER, FIRM = "13800000009", "13700000001"
GrantRow = tuple[str, str, str]  # role, scope kind, scope code


class Person(NamedTuple):
    phone: str
    name: str
    grants: tuple[GrantRow, ...]


class People(NamedTuple):
    """Those whom the history needs by name; `masters` by station code."""

    consumer: Actor
    seller: Actor
    sorter: Actor
    dispatcher: Actor
    partner: Actor
    driver: Actor
    masters: dict[str, Actor]


def load_people(session: Session, profile: Profile, tenant_id: int) -> People:
    """Create the users that do not exist yet (another county may have made them) and give them their roles here."""
    stations = masters_in_order(profile)
    persons = _cast(profile, stations) + [
        Person(str(FIRST_MASTER + n), station.master, (("master", "station", station.code),)) for n, station in enumerate(stations)
    ]
    actors = _employ(session, persons, tenant_id)
    masters = {station.code: actors[str(FIRST_MASTER + n)] for n, station in enumerate(stations)}
    ids = dict(session.exec(select(Station.code, Station.node_id).where(Station.tenant_id == tenant_id)).all())
    session.execute(update(Station), [{"node_id": ids[code], "master_id": actor.user_id} for code, actor in masters.items()])
    consumer, seller, sorter, dispatcher, partner, driver = (actors[f"1380000000{n}"] for n in (6, 5, 7, 2, 8, 3))
    return People(consumer, seller, sorter, dispatcher, partner, driver, masters)


def load_suppliers(session: Session, profile: Profile, tenant_id: int) -> None:
    """The grower and the merchant of whom most was sold, those of the first master's station before others.

    Where nothing was sold they are who comes first.
    """
    earned = dict(
        session.exec(
            select(IncomeEntry.party_code, func.sum(IncomeEntry.amount_fen))
            .where(IncomeEntry.tenant_id == tenant_id, IncomeEntry.party_kind == "grower", IncomeEntry.state != IncomeState.REVERSED)
            .group_by(col(IncomeEntry.party_code))
        ).all()
    )
    here = f"{masters_in_order(profile)[0].code}-g"
    known = session.exec(select(Grower).where(Grower.tenant_id == tenant_id).order_by(col(Grower.id))).all()

    def less(g: Grower) -> tuple[bool, bool, int, str]:
        return not earned.get(g.code), not g.code.startswith(here), -int(earned.get(g.code, 0)), g.code

    grower = min(known, key=lambda g: (g.kind != GrowerKind.GROWER, *less(g)))
    firm = min((g for g in known if g is not grower), key=lambda g: (g.kind == GrowerKind.GROWER, *less(g)))
    cast = {GROWER: (grower, "grower"), FIRM: (firm, "merchant")}
    actors = _employ(session, [Person(phone, g.name, ((role, "own", g.code),)) for phone, (g, role) in cast.items()], tenant_id)
    for phone, (supplier, _role) in cast.items():
        session.execute(update(Grower).where(col(Grower.id) == supplier.id).values(user_id=actors[phone].user_id))


def _employ(session: Session, persons: list[Person], tenant_id: int) -> dict[str, Actor]:
    """Their users, made where they are not there yet, with their roles here; by phone."""
    _add_users(session, persons)
    users = dict(session.exec(select(User.phone_index, User)).all())
    actors: dict[str, Actor] = {}
    grants = []
    for person in persons:
        user = users[pii.blind_index(person.phone)]
        grants += [
            {"user_id": user.id, "role": role, "scope_kind": kind, "scope_code": code, "granted_at": clock.now()}
            for role, kind, code in person.grants
        ]
        actors[person.phone] = Actor(
            tenant_id=tenant_id, user_id=user.id, user_code=user.code, name=person.name, grants=frozenset(person.grants),
            has_second_factor=True,
        )  # fmt: skip
    insert_rows(session, Grant, tenant_id, grants)
    return actors


def masters_in_order(profile: Profile) -> list[NodeRow]:
    """Stations in the order of their masters' numbers: the county's own flagships with named produce come first."""
    named = {row.station for row in profile.products}
    return sorted(profile.stations, key=lambda s: (not (s.flagship and s.name in named), not s.flagship))


def _cast(profile: Profile, stations: list[NodeRow]) -> list[Person]:
    first = stations[0]
    hub = next(node for node in profile.nodes if not node.trades)
    lines = _lines_of(profile, first.code)
    operator = next(line.operator for line in profile.lines if line.code in lines)
    firms = dict.fromkeys([operator, *(trunk.carrier for trunk in profile.trunks)])  # one sign-in shows the whole road
    doors = [door_code(door.node) for door in profile.doors[:1]]
    hailed = [line for line in _lines_stopping_on_request(profile) if line not in lines]  # he reads who waits where
    plain = [
        ("13800000000", "金复核", "finance"), ("13800000001", "应管理", "admin"), ("13800000002", "童调度", "dispatcher"),
        ("13800000004", "胡会计", "finance"), ("13800000005", "小葛主播", "seller"), ("13800000006", "周小满", "consumer"),
    ]  # fmt: skip
    return [
        *(Person(phone, name, ((role, "own" if role in ("seller", "consumer") else "county", ""),)) for phone, name, role in plain),
        Person("13800000003", "陈师傅", tuple(("driver", "line", line) for line in [*lines, *hailed, *doors])),
        Person("13800000007", "王分拣", (("sorter", "hub", hub.code),)),
        Person("13800000008", operator, tuple(("partner", "partner", firm) for firm in firms)),
        Person("13800000010", "葛小帮", (("helper", "station", first.code),)),
    ]


def _lines_of(profile: Profile, node: str) -> list[str]:
    """The lines that call at a node, in file order."""
    calling = {stop.pattern for stop in profile.stops if stop.node == node}
    passing = {pattern.line for pattern in profile.patterns if pattern.code in calling}
    return [line.code for line in profile.lines if line.code in passing]


def _lines_stopping_on_request(profile: Profile) -> list[str]:
    """In file order."""
    asked = {stop.pattern for stop in profile.stops if stop.on_request}
    passing = {pattern.line for pattern in profile.patterns if pattern.code in asked}
    return [line.code for line in profile.lines if line.code in passing]


def _add_users(session: Session, persons: list[Person]) -> None:
    known = set(session.exec(select(User.phone_index)))
    hashed, now = hash_password(PASSWORD), clock.now()
    coded = [(person, pii.blind_index(person.phone), new_code("U")) for person in persons]
    rows = [
        {
            "code": code, "name": person.name, "phone_sealed": pii.seal(person.phone, f"app_user.phone:{code}"), "phone_index": index,
            "password_hash": hashed, "created_at": now,
        }
        for person, index, code in coded
        if index not in known
    ]  # fmt: skip
    if rows:
        session.execute(insert(User.__table__), rows)  # type: ignore[attr-defined]
