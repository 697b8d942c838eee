"""Two small counties under two host names, somebody for every role, and rows that are theirs, a neighbour's or abroad."""

from datetime import timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import audit, clock, db, tasks
from core.auth import service as people
from core.auth.models import Device, SignIn, User
from core.permissions import Actor
from core.status import began
from core.tenant import Tenant, forget_tenants
from fulfillment.batching.models import BatchPlan
from fulfillment.cash.service import take_cash
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.customised.service import Wanted, ask_trip
from fulfillment.disruptions.closures import Span, open_closure
from fulfillment.disruptions.service import open_disruption
from fulfillment.hailing.service import call_stop
from fulfillment.income.models import IncomeEntry
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import digest
from fulfillment.network.models import StopTime
from fulfillment.services.service import do_service
from fulfillment.settlement.disputing import dispute
from fulfillment.settlement.payees import set_payee
from fulfillment.settlement.service import freeze, statements_of
from fulfillment.subsidies import service as subsidies
from fulfillment.subsidies.loading import adopt
from fulfillment.timetable.models import Departure
from fulfillment.timetable.reports import report_weather
from fulfillment.whatif.models import ProposalRun, WhatIf
from shop.checkout.address import Contact
from shop.claims.models import CLAIM, Claim
from shop.claims.service import note
from shop.coupons.service import draft
from shop.links.service import Wanted as Linked
from shop.links.service import create_link
from shop.orders.models import Order, OrderLine
from shop.reconciliation.models import EXCEPTION, BillException, GatewayBill
from shop.reconciliation.payouts import book
from shop.refunding.models import REQUEST, RefundRequest
from supply.counties.profile_subsidies import SubsidyRule
from supply.lots.models import Lot
from supply.stations.models import Node, VillageService
from tests.county import SmallCounty, small_county
from tests.fulfillment.contracts.zones import contract
from tests.fulfillment.settlement.owing import earn
from tests.shop.buying import buy, open_roads, pay

CANARY = Contact(name="孙立秋", phone="13987654321")
ROLES = (
    "guest",
    "consumer",
    "master",
    "helper",
    "dispatcher",
    "driver",
    "sorter",
    "seller",
    "grower",
    "merchant",
    "partner",
    "finance",
    "admin",
)
ABSENT = "Z" * 14


def order_phone(role: str) -> str:
    """The phone on a role's own order: theirs to read again at the next checkout, and nobody else's."""
    return f"1360000{ROLES.index(role):04d}"


class County(NamedTuple):
    host: str
    rows: SmallCounty
    users: dict[str, User]  # by role, and the neighbours by "other …"
    tokens: dict[str, str]  # session cookies by role
    own: dict[tuple[str, str], str]  # (kind of row, role) → code; role "county" for any of this county's
    foreign: dict[str, str]  # kind → a row of this county that belongs to none of the roles' holders


def open_county(code: str, prefix: str, phones: int) -> County:
    """One county, committed. `phones` keeps the two counties' people apart."""
    host = f"{code}.test"
    with db.writing() as session:
        rows = small_county(session, code=code, prefix=prefix)
        session.get_one(Tenant, rows.id).host = host
        open_roads(session, rows)
    forget_tenants()
    with db.writing() as session:
        users, tokens = _people(session, rows, phones)
    with db.writing() as session:
        own, foreign = _orders(session, rows, users)
    tasks.drain()
    with db.writing() as session:
        _rows(session, rows, users, own, foreign)
    return County(host, rows, users, tokens, own, foreign)


def _people(session: Session, rows: SmallCounty, phones: int) -> tuple[dict[str, User], dict[str, str]]:
    own, other = rows.stations[0].code, rows.stations[1].code
    scopes = {
        "master": ("station", own), "helper": ("station", own), "driver": ("line", rows.lines[0].code), "sorter": ("hub", rows.hub.code),
        "grower": ("own", rows.growers[1].code), "merchant": ("own", rows.growers[2].code), "partner": ("partner", "小县公交"),
        "seller": ("own", ""), "consumer": ("own", ""), "other helper": ("station", other), "other seller": ("own", ""), "more helper": ("station", own),
    }  # fmt: skip
    users: dict[str, User] = {}
    for n, role in enumerate((*ROLES[1:], "other helper", "other seller", "more helper", "somebody")):
        users[role] = people.add_user(session, f"139{phones:04d}{n:04d}", f"某{role}")
        kind, code = scopes.get(role, ("county", ""))
        held = "dispatcher" if role == "somebody" else role.split()[-1]
        people.grant(session, users[role], held, tenant_id=rows.id, scope_kind=kind, scope_code=code)
    tokens = {role: people.start_session(session, tenant_id=rows.id, user=users.get(role))[1] for role in ROLES}
    return users, tokens


def _orders(session: Session, rows: SmallCounty, users: dict[str, User]) -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    """Everybody has an order; somebody else's is paid at each of two stations."""
    own: dict[tuple[str, str], str] = {}
    guests = session.exec(select(SignIn).where(SignIn.tenant_id == rows.id, col(SignIn.user_id).is_(None))).one()
    for role in ROLES:
        user = users.get(role)
        actor = Actor(tenant_id=rows.id, user_id=user.id if user else None, sign_in_id=None if user else guests.id)
        own["order", role] = buy(session, rows, ("tea", 1), contact=Contact(name="钱立春", phone=order_phone(role)), actor=actor).number
    paid = {name: buy(session, rows, (name, 1), contact=CANARY).number for name in ("tomato", "clam")}
    for number in paid.values():
        pay(session, number)
    waiting = buy(session, rows, ("tea", 1), contact=CANARY).number
    own["payment", "county"] = pay(session, waiting, outcome="failed").code
    return own, {"order": paid["clam"], "own paid order": paid["tomato"]}


def _rows(
    session: Session, rows: SmallCounty, users: dict[str, User], own: dict[tuple[str, str], str], foreign: dict[str, str]
) -> None:  # fmt: skip
    now, keepers = clock.now(), ("master", "helper", "county")
    here, there = foreign.pop("own paid order"), foreign["order"]
    for kind, mine, theirs in (
        ("station", rows.stations[0].code, rows.stations[1].code),
        ("listing", rows.listings["tomato"].code, rows.listings["clam"].code),
        ("consignment", *(_consignment(session, number).code for number in (here, there))),
    ):
        own.update({(kind, role): mine for role in keepers})
        foreign[kind] = theirs
    zones = [contract(session, rows, firm, rows.stations[n]) for n, firm in enumerate(("小县公交", "别家快运"))]
    own["zone", "partner"] = own["zone", "county"] = zones[0].code
    foreign["zone"] = zones[1].code
    own["firm", "partner"] = zones[0].operator
    own["firm", "county"] = contract(session, rows, f"{rows.county.code}快运", rows.stations[2]).operator  # no other county's
    foreign["firm"] = zones[1].operator
    own["account", "county"], foreign["account"] = (f"station:{rows.stations[n].code}" for n in (0, 1))
    own["product", "county"] = rows.products[0].code
    own["lot", "county"] = session.exec(select(Lot.code).where(Lot.tenant_id == rows.id)).first() or ""
    own["parcel", "county"] = session.exec(select(Parcel.code).where(Parcel.consignment_id == _consignment(session, here).id)).one()
    for role, party in (("master", rows.stations[0].code), ("county", rows.stations[0].code), ("grower", rows.growers[1].code)):
        own["income", role] = _income(session, party)
    foreign["income"] = _income(session, rows.stations[1].code)
    _settled(session, rows, own, foreign)
    _subsidised(session, rows, own)
    _billed(session, rows, own)
    own["departure", "driver"] = own["departure", "county"] = _departure(session, rows, 0)
    foreign["departure"] = _departure(session, rows, 1)
    own["refusal", "driver"] = own["refusal", "county"] = _refused(session, rows, own["parcel", "county"], own["departure", "driver"])
    foreign["refusal"] = _refused(session, rows, own["parcel", "county"], foreign["departure"])
    for role in ("seller", "other seller"):
        actor = Actor(tenant_id=rows.id, user_id=users[role].id, user_code=users[role].code, grants=frozenset({("seller", "own", "")}))
        wanted = [Linked(rows.variants["tea"].sku, 8800)]
        link = create_link(session, actor, wanted, quota=9, commission_bp=500, starts_at=now, ends_at=now + timedelta(hours=2))
        own["link", role] = own["link", "county"] = link.code
    foreign["link"] = own.pop(("link", "other seller"))
    for role, user in users.items():
        row, _token = people.start_session(session, tenant_id=rows.id, user=user)
        own["session", role] = row.code
        device = Device(
            tenant_id=rows.id, code=f"DV{rows.id}{user.id}", name="枪", user_id=user.id or 0, token_hash=f"{rows.id}{user.id}", created_at=now,
            expires_at=now + timedelta(days=90),
        )  # fmt: skip
        session.add(device)
        own["device", role] = device.code
    for kind in ("session", "device"):
        own[kind, "county"] = foreign[kind] = own.pop((kind, "somebody"))
    own["person", "county"] = users["somebody"].code
    own["helper", "master"] = users["more helper"].code
    foreign["helper"] = users["other helper"].code
    for role, user in users.items():
        asker = Actor(tenant_id=rows.id, user_id=user.id, user_code=user.code)
        asked = Wanted(rows.stations[0].node_id, rows.hub.id or 0, clock.today() + timedelta(days=2), 480, 540, 1)
        own["trip", role] = own["trip", "county"] = ask_trip(session, asker, asked).code
        own["call", role] = own["call", "county"] = _called(session, rows, asker)
    foreign["trip"], foreign["call"] = own.pop(("trip", "somebody")), own.pop(("call", "somebody"))
    handed = _manifest(session, rows, 0, own["parcel", "county"])
    own.update({("manifest", role): handed for role in (*keepers, "driver")})
    foreign["manifest"] = _manifest(session, rows, 1, own["parcel", "county"])
    plan = BatchPlan(tenant_id=rows.id, code=f"BMATRIX{rows.id}", service_date=clock.today(), status="empty", asked_at=now, finished_at=now)
    session.add(plan)
    own["plan", "county"] = plan.code
    own["line", "county"] = rows.lines[1].code
    own["weather", "county"] = report_weather(
        session, rows.id, area="", wind=9, visibility_m=None, starts_at=now, ends_at=now + timedelta(hours=1), by="U1"
    ).code
    closure = open_closure(session, rows.id, "line", rows.lines[0].code, Span(now + timedelta(days=40), None), reason="大修", by="")
    own["closure", "county"] = closure.code
    own["scenario", "county"], own["proposals", "county"] = f"WMATRIX{rows.id}", f"VMATRIX{rows.id}"
    session.add(WhatIf(tenant_id=rows.id, code=own["scenario", "county"], service_date=clock.today(), made_at=now))
    session.add(ProposalRun(tenant_id=rows.id, code=own["proposals", "county"], status="done", asked_at=now, finished_at=now))
    lines = {number: session.exec(select(OrderLine.code).join(Order).where(Order.number == number)).one() for number in (here, there)}
    own.update({("order line", role): lines[here] for role in ("master", "helper")})
    foreign["order line"] = lines[there]
    own["claim", "county"] = _claim(session, here)
    own["coupon", "county"] = _drafted(session, rows)
    own["sold order", "master"] = own["sold order", "county"] = here
    foreign["sold order"] = there
    own["refund request", "county"] = _asked(session, there)
    own["disruption", "county"] = open_disruption(
        session, "missing", tenant_id=rows.id, subject_kind="parcel", subject_code=own["parcel", "county"], words="不见了"
    ).code


def _claim(session: Session, number: str) -> str:
    """What somebody claims of a paid order, and nobody has decided."""
    line, order = session.exec(
        select(OrderLine, Order).join(Order, col(Order.id) == col(OrderLine.order_id)).where(Order.number == number)
    ).one()
    claim = Claim(
        tenant_id=order.tenant_id, code=f"CLMATRIX{order.tenant_id}", order_id=order.id or 0, line_id=line.id or 0, reason="spoiled",
        damaged_pct=50, bearer="grower", award_fen=100, opened_by="guest", opened_at=clock.now(),
    )  # fmt: skip
    session.add(claim)
    began(session, CLAIM, "open", tenant_id=claim.tenant_id, subject=claim.code)
    note(session, "claim.open", claim, actor="guest")
    return claim.code


def _drafted(session: Session, rows: SmallCounty) -> str:
    """A coupon that waits for a second person."""
    now = clock.now()
    return draft(
        session, tenant_id=rows.id, promo="MATRIX1", title="试", off_fen=100, min_goods_fen=1000, uses=9, per_person=1, is_listed=False,
        starts_at=now, ends_at=now + timedelta(days=1), by="UELSEWHERE",
    ).code  # fmt: skip


def _asked(session: Session, number: str) -> str:
    """A refund that a station's master asks for and may not give alone."""
    line, order = session.exec(
        select(OrderLine, Order).join(Order, col(Order.id) == col(OrderLine.order_id)).where(Order.number == number)
    ).one()
    asked = RefundRequest(
        tenant_id=order.tenant_id, code=f"RQMATRIX{order.tenant_id}", order_id=order.id or 0, line_id=line.id or 0, amount_fen=100,
        bearer="grower", reason="少了", status="waiting", asked_as="master", asked_by="user:UELSEWHERE", asked_at=clock.now(),
    )  # fmt: skip
    session.add(asked)
    began(session, REQUEST, "waiting", tenant_id=asked.tenant_id, subject=asked.code)
    audit.record(session, "refund_request.waiting", tenant_id=asked.tenant_id, actor="user:UELSEWHERE", subject=asked.code)
    return asked.code


def _settled(session: Session, rows: SmallCounty, own: dict[tuple[str, str], str], foreign: dict[str, str]) -> None:
    """A frozen run of two stations and a grower, a disputed row, cash at both stations."""
    parties = (("station", rows.stations[0].code), ("station", rows.stations[1].code), ("grower", rows.growers[1].code))
    for n, (kind, code) in enumerate(parties):
        earn(session, rows, kind, code, 5000 + n, f"M{n}")
    run = freeze(session, rows.county, clock.today(), by="UELSEWHERE")
    own["run", "county"] = run.code
    codes = {(s.party_kind, s.party_code): s.code for s in statements_of(session, run)}
    own["statement", "master"] = own["statement", "county"] = codes[parties[0]]
    own["statement", "grower"], foreign["statement"] = codes[parties[2]], codes[parties[1]]
    row = session.exec(select(IncomeEntry).where(IncomeEntry.tenant_id == rows.id, IncomeEntry.key == "M0:x")).one()
    own["dispute", "county"] = dispute(session, row, by="U1", reason="少算了").code
    own["payee", "county"] = set_payee(
        session, tenant_id=rows.id, kind="grower", code=rows.growers[1].code, way="alipay", holder="葛农户", account="a@b.cn", by="U1"
    ).code
    takings = [take_cash(session, rows.stations[n], "send", 900, what="", by="U1").code for n in (0, 1)]
    own.update({("taking", role): takings[0] for role in ("master", "helper", "county")})
    foreign["taking"] = takings[1]
    session.add(VillageService(tenant_id=rows.id, code="express-in", name="快递代收"))
    session.flush()
    done = [do_service(session, rows.stations[n], "express-in", quantity=1, in_cash=False, by="U1").code for n in (0, 1)]
    own.update({("service done", role): done[0] for role in ("master", "helper", "county")})
    foreign["service done"] = done[1]


def _subsidised(session: Session, rows: SmallCounty, own: dict[tuple[str, str], str]) -> None:
    """A programme with a document that waits to be confirmed and a next version that waits to be approved."""
    day = clock.today()
    rule = SubsidyRule(
        code=f"{rows.stations[0].code}-grant", name="保险补贴", funder="县财政", basis="grant", beneficiary="station", starts=day,
        ends=day + timedelta(days=400), budget_fen=10_000, evidence="保单", share_bp=5_000,
    )  # fmt: skip
    fund = adopt(session, rule, rows.id)
    own["subsidy", "county"] = fund.code
    first = day.replace(day=1) + timedelta(days=62)
    own["subsidy version", "county"] = subsidies.draft(session, rule, first.replace(day=1), tenant_id=rows.id, by="UELSEWHERE").code
    own["evidence", "county"] = subsidies.enter_evidence(
        session, fund, party_kind="station", party_code=rows.stations[0].code, document="保单 1", what="", on_date=day, amount_fen=100,
        grade="", period="", by="UELSEWHERE",
    ).code  # fmt: skip


def _billed(session: Session, rows: SmallCounty, own: dict[tuple[str, str], str]) -> None:
    """A day's bill that has not come, something that differs on it, a payout to the bank."""
    bill = GatewayBill(tenant_id=rows.id, code=f"GBMATRIX{rows.id}", provider="sandbox", day=clock.today() - timedelta(days=9))
    session.add(bill)
    session.flush()
    differs = BillException(
        tenant_id=rows.id, code=f"GXMATRIX{rows.id}", bill_id=bill.id or 0, kind="other", about="other", number="x", ours_fen=0, theirs_fen=1,
        opened_at=clock.now(),
    )  # fmt: skip
    session.add(differs)
    began(session, EXCEPTION, "open", tenant_id=rows.id, subject=differs.code)
    own["bill", "county"], own["exception", "county"] = bill.code, differs.code
    own["payout", "county"] = book(
        session, tenant_id=rows.id, provider="sandbox", amount_fen=1, fee_fen=0, reference="回单", paid_on=clock.today(), by="U1"
    ).code


def _consignment(session: Session, number: str) -> Consignment:
    return session.exec(select(Consignment).where(Consignment.source_code == number)).one()


def _income(session: Session, party: str) -> str:
    return session.exec(select(IncomeEntry.code).where(IncomeEntry.party_code == party)).first() or ""


def _departure(session: Session, rows: SmallCounty, line: int) -> str:
    found = select(Departure.code).where(
        Departure.line_id == rows.lines[line].id, Departure.service_date == clock.today() + timedelta(days=1)
    )
    return session.exec(found).first() or ""


def _refused(session: Session, rows: SmallCounty, parcel: str, departure: str) -> str:
    return open_disruption(
        session, "refused", tenant_id=rows.id, subject_kind="parcel", subject_code=parcel, cause=departure, words="装不下"
    ).code


def _manifest(session: Session, rows: SmallCounty, line: int, parcel: str) -> str:
    """What a run of a line takes to the hub from the second stop before it."""
    trip = next(t for t in rows.trips if t.line_id == rows.lines[line].id and t.direction == "in")
    run = session.exec(select(Departure).where(Departure.trip_id == trip.id).order_by(col(Departure.service_date)).limit(1)).one()
    stops = session.exec(select(StopTime.position).where(StopTime.trip_id == trip.id).order_by(col(StopTime.position))).all()
    load = [[parcel, stops[-1], "ambient", 1000, 80]]
    manifest = Manifest(
        tenant_id=rows.id, code=f"MMATRIX{rows.id}{line}", departure_id=run.id or 0, stop=stops[-3], rows=load, digest=digest(load),
        issued_at=clock.now(),
    )  # fmt: skip
    session.add(manifest)
    return manifest.code


def _called(session: Session, rows: SmallCounty, asker: Actor) -> str:
    """A call at the second stop of a run in two days, which is made a request stop."""
    day = clock.today() + timedelta(days=2)
    query = select(Departure).where(Departure.tenant_id == rows.id, Departure.line_id == rows.lines[0].id, Departure.service_date == day)
    run = session.exec(query.order_by(col(Departure.starts_at)).limit(1)).one()
    stops = select(StopTime).where(StopTime.trip_id == run.trip_id).order_by(col(StopTime.position))
    stop = session.exec(stops).all()[1]
    stop.on_request = True
    session.add(stop)
    session.flush()
    return call_stop(session, asker, run.code, session.get_one(Node, stop.node_id).code).code
