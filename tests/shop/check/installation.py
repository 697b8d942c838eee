"""A small installation in which something of everything has happened, for tests that damage it."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session, select

from core import audit, clock, db, tasks, upkeep
from core.idempotency import once
from core.permissions import Actor
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.boxes.service import register_boxes
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.contracts.queries import read_month
from fulfillment.disruptions.service import open_disruption
from fulfillment.income.service import mature
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import digest
from fulfillment.partners.closing import close
from shop.claims.deciding import Decision, decide
from shop.claims.models import Reason
from shop.claims.photos import keep_photos
from shop.claims.rules import Said
from shop.claims.service import open_claim
from shop.disputes.models import DisputeStatus
from shop.disputes.service import DisputeTold, keep_dispute
from shop.orders.models import OrderLine
from shop.payments.giving import Part, give_back, left_of
from shop.payments.models import PaymentAttempt, Refund, SandboxRefund
from shop.payments.service import cancel_order, expire_due
from shop.refunding.service import Wanted, ask_refund, decide_refund
from shop.weighing.service import weigh
from supply.counties.models import County
from supply.stations.models import Station
from tests.county import SmallCounty
from tests.fulfillment.contracts.zones import contract
from tests.fulfillment.partners.carrying import BUS, agree
from tests.fulfillment.shipping import bus, event, scan
from tests.shop.buying import buy, order_of, pay
from tests.shop.check.billed import reconcile
from tests.shop.check.settled import settle
from tests.shop.check.shared import share
from tests.shop.check.subsidised import subsidise
from tests.shop.claims.claiming import drawn
from tests.shop.coupons.giving import coupon
from tests.shop.selling import make_link, make_user


def live(county: SmallCounty) -> dict[str, str]:
    """Orders in every state, by what became of them: their numbers. Everything that follows at once has followed."""
    with db.writing() as session:
        contract(session, county, "小县邮政", county.stations[0], fee_fen=70)
        agree(session, county)
        seller = make_user(session, "13800000005", "小满")
        link = make_link(session, county, seller, {"tea": 8800}, quota=9, commission_bp=500).code
    with clock.at(clock.now() - timedelta(minutes=10)), db.writing() as session:  # before what is told of five minutes ago
        coupon(session, county)
    with clock.at(clock.now() - timedelta(minutes=10)):  # and this
        share(county)
    told = {
        "delivered": _sold(county, ("tomato", 2), ("clam", 1)),
        "travelling": _sold(county, ("tea", 2), link=link, promo="XIAOMAN10"),
        "packed": _sold(county, ("bamboo", 1)),
        "paid": _sold(county, ("tomato", 2)),
        "refunded": _sold(county, ("tea", 1), link=link),
        "owed": _sold(county, ("bamboo", 2)),
        "disputed": _sold(county, ("tomato", 1)),
    }
    for name in ("delivered", "travelling", "packed"):
        db.run_write(lambda session, name=name: _pack(session, told[name]))
    db.run_write(lambda session: _box(session, county, told["packed"]))
    db.run_write(lambda session: _travel(session, county, told["delivered"], to_the_end=True))
    db.run_write(lambda session: _travel(session, county, told["travelling"], to_the_end=False))
    db.run_write(lambda session: _give_back(session, told["travelling"], 300, bearer="grower"))
    with clock.at(clock.now() - timedelta(hours=1)), db.writing() as session:
        told["expired"] = buy(session, county, ("tomato", 1)).number
    db.run_write(expire_due)
    with db.writing() as session:
        told["unpaid"] = buy(session, county, ("tea", 1), link=link).number
    db.run_write(_cancel(told["refunded"]))
    tasks.drain()
    db.run_write(_cancel(told["owed"]))  # nobody has asked the gateway for this refund yet
    with db.writing() as session:
        _plan(session, county, told["paid"])
    with clock.at(clock.now() - timedelta(minutes=5)), db.writing() as session:
        for n in range(4):
            audit.record(session, "role.grant", tenant_id=county.id, actor="user:U1", subject=f"U{n}", reason="换人")
        once(session, tenant_id=county.id, actor="guest", route="POST /x", key="k", body=b"", work=lambda: (200, {"ok": "yes"}))
    upkeep.seal_audit()
    db.run_write(lambda session: _claim(session, told["delivered"]))
    db.run_write(lambda session: _weigh(session, told["packed"]))
    db.run_write(lambda session: _staff_give_back(session, told["packed"]))
    _dispute(told["disputed"])
    with clock.at(clock.now() + timedelta(days=30)), db.writing() as session:  # what was delivered is claimed no more
        mature(session, tenant_id=county.id)
    settle(county)
    subsidise(county)
    reconcile(county)
    with clock.at(clock.now() + timedelta(days=31)), db.writing() as session:
        close(session, county.id, BUS, read_month(f"{clock.now() - timedelta(days=31):%Y-%m}"), by="UFINANCE1")
    return told


def _sold(county: SmallCounty, *wanted: tuple[str, int], link: str | None = None, promo: str | None = None) -> str:
    with db.writing() as session:
        number = buy(session, county, *wanted, link=link, coupon=promo).number
    with db.writing() as session:
        pay(session, number)
    tasks.drain()
    return number


def _parcels(session: Session, number: str) -> list[Parcel]:
    of_order = select(Parcel).join(Consignment).where(Consignment.source_code == number).order_by(Parcel.id)
    return list(session.exec(of_order))


def _pack(session: Session, number: str) -> None:
    for consignment in session.exec(select(Consignment).where(Consignment.source_code == number)).all():
        pack(session, consignment, by="U1")


def _box(session: Session, county: SmallCounty, number: str) -> None:
    """What is packed lies in a turnover box."""
    here = session.get_one(Station, _parcels(session, number)[0].station_id).code
    (box,) = register_boxes(session, here, 1, tenant_id=county.id)
    scan(session, county, *(event("stow", parcel, here, box=box.code) for parcel in _parcels(session, number)))


def _travel(session: Session, county: SmallCounty, number: str, *, to_the_end: bool) -> None:
    """By bus, and from there over the hub and the trunk to the door."""
    aboard, now = bus(session, county), clock.now()
    road = (("load", aboard.code), ("receive", county.hub.code), ("dispatch", county.trunks[0].code), ("deliver", ""))
    for minutes, (action, place) in enumerate(road if to_the_end else road[:1]):
        at = now + timedelta(seconds=minutes)
        with clock.at(at):
            outcomes = scan(session, county, *(event(action, p, place, at=at) for p in _parcels(session, number)))
        assert {o.result for o in outcomes} == {"accepted"}, outcomes


def _plan(session: Session, county: SmallCounty, number: str) -> None:
    """A place on a bus, two revisions of a manifest, something that went wrong."""
    aboard, (parcel,), now = bus(session, county, day=2), _parcels(session, number), clock.now()
    plan = BatchPlan(tenant_id=county.id, code="BTEST", service_date=aboard.service_date, status="empty", asked_at=now)
    session.add(plan)
    session.flush()
    leg = PlannedLeg(
        tenant_id=county.id, plan_id=plan.id or 0, parcel_id=parcel.id or 0, position=0, departure_id=aboard.id or 0, board=0, alight=1
    )
    manifests = [
        Manifest(tenant_id=county.id, code=f"MTEST{n}", departure_id=aboard.id or 0, stop=0, revision=n, digest=digest([]), issued_at=now)
        for n in (1, 2)
    ]
    manifests[0].voided_at = now
    session.add_all([leg, *manifests])
    open_disruption(session, "damaged", tenant_id=county.id, subject_kind="parcel", subject_code=parcel.code, words="压坏了")


def _give_back(session: Session, number: str, fen: int, *, bearer: str) -> None:
    """Of the order's only line."""
    order = order_of(session, number)
    (line,) = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).all()
    give_back(session, order, [Part(line.id or 0, fen)], key=f"part:{number}", reason="缺了一点", bearer=bearer)


def _weigh(session: Session, number: str) -> None:
    """A tenth less than was sold."""
    order = order_of(session, number)
    line = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).one()
    here = session.get_one(Station, line.station_id).code
    weigh(session, line.code, line.net_g * line.quantity * 9 // 10, stations=[here], tenant_id=order.tenant_id, by="U1")


def _staff_give_back(session: Session, number: str) -> None:
    """The office gives back a little, and a second person agrees."""
    order = order_of(session, number)
    line = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).one()
    left = left_of(session, [line])[line.id or 0].fen
    master, office = (
        Actor(tenant_id=order.tenant_id, user_id=0, user_code=code, grants=frozenset({(role, "county", "")}))
        for role, code in (("master", "U5"), ("dispatcher", "U7"))
    )
    asked = ask_refund(session, master, number, Wanted(line.code, left, "少了两个", 0, 100, "grower"), stations=[line.station_id])
    decide_refund(session, office, asked.code, approves=True)


def _dispute(number: str) -> None:
    """A bank looks at the order's payment and decides for its buyer."""

    def named(session: Session) -> None:
        order_id = order_of(session, number).id
        session.exec(select(PaymentAttempt).where(PaymentAttempt.order_id == order_id)).one().gateway_ref = "pi_1"

    db.run_write(named)
    told = DisputeTold("du_1", "pi_1", DisputeStatus.OPENED, 4400, "fraudulent", None, holds=True)
    for status in (DisputeStatus.OPENED, DisputeStatus.LOST):
        db.run_write(lambda session, status=status: keep_dispute(session, told._replace(status=status), by="notice:stripe"))  # type: ignore[misc]

    def booked(session: Session) -> None:
        """The gateway's own book says so too."""
        lost, paid = session.exec(
            select(Refund, PaymentAttempt).join(PaymentAttempt).where(Refund.key.startswith("dispute:"))  # type: ignore[attr-defined]
        ).one()  # fmt: skip
        session.add(SandboxRefund(code=lost.code, tenant_id=lost.tenant_id, payment=paid.code, amount_fen=lost.amount_fen, at=clock.now()))

    db.run_write(booked)


def _claim(session: Session, number: str) -> None:
    """What is wrong with the order's first line, decided by two people."""
    order = order_of(session, number)
    line = session.exec(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).first()
    assert line is not None
    photos = keep_photos(session, order, [drawn(60 * n) for n in range(3)])
    claim = open_claim(session, order, line.code, Said(Reason.DAMAGED, damaged_pct=60), photos=[p.code for p in photos], by="buyer")
    policy = session.get_one(County, order.tenant_id)
    rules, policy.policy = policy.policy, {**policy.policy, "claim_desk": {"auto_fen": 0, "second_fen": 1}}
    session.flush()
    for role, code in (("dispatcher", "U7"), ("finance", "U8")):
        actor = Actor(tenant_id=order.tenant_id, user_id=0, user_code=code, grants=frozenset({(role, "county", "")}))
        decide(session, actor, claim.code, Decision(approves=True))
    policy.policy = rules


def _cancel(number: str) -> Callable[[Session], str]:
    return lambda session: cancel_order(session, order_of(session, number), by="buyer").status
