"""A hundred thousand orders with all that can happen to their money, by the shop's own verbs on one small county: paid, paid twice, paid
late, never told of, cancelled, given back in part before and after their growers were paid, settled every ten days, sent back by the bank,
some with a coupon. One in ten is packed and delivered by scans, and what is sold of one crop is subsidised.

The sandbox's book is the gateway's bill. What must come of it: the ledger sums to nothing, the gateway's account is the bill to the
fen, and `jishi check` finds nothing broken.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

from sqlalchemy import func
from sqlmodel import Session, col, select

import shop.wiring  # noqa: F401 - what follows from what
from bench.rig import table
from core import clock, db, tasks
from core.errors import Conflict
from core.invariants import check
from core.ledger.models import Account, Balance, Posting
from core.money import format_fen
from core.settings import settings
from core.triggers import apply_triggers
from fulfillment.consignments.models import Consignment
from fulfillment.consignments.service import pack
from fulfillment.income.service import mature, start_windows
from fulfillment.settlement import paying, service
from fulfillment.subsidies.models import SubsidyAward
from fulfillment.subsidies.tasks import award_all
from fulfillment.timetable.service import open_days
from shop.checkout.address import Contact
from shop.orders.models import OrderLine
from shop.payments.giving import Part, give_back, left_of
from shop.payments.models import SandboxCharge, SandboxRefund
from shop.payments.notices import accept
from shop.payments.sandbox import choose
from shop.payments.service import cancel_order, start_payment
from shop.payments.tasks import ask_silent, expire
from shop.tables import metadata
from supply.stock.service import receive_lot
from tests.county import SmallCounty, small_county
from tests.fulfillment.shipping import event, scan
from tests.fulfillment.subsidies.programmes import programme
from tests.shop.buying import buy, order_of
from tests.shop.coupons.giving import coupon
from tests.shop.selling import make_link, make_user

ORDERS, A_DAY = 100_000, 1_000
GOODS = {"tomato": 0, "tomato-small": 0, "tea": 0, "clam": 1, "bamboo": 2}  # and the village that sells it
FATES = {
    "paid": 74, "twice": 3, "untold": 5, "late": 4, "never": 5, "failed first": 3, "cancelled": 4, "cancelled unpaid": 2,
}  # fmt: skip
BACK_SOON, BACK_LATE = 0.05, 0.03  # parts of the paid orders that go back before, and after, their growers were paid
PROMO = "BENCH10"
BEARERS = ("", "grower", "master", "transport", "platform")
SETTLED_EVERY, CLAIMED_WITHIN = 10, 2  # days
DELIVERED = 0.1  # of the paid ones: what packing and scans cost is measured elsewhere
HAPPENED = (
    *FATES, "with a coupon", "parcels delivered", "given back", "given back after it was paid out", "subsidies awarded",
    "subsidies reversed", "statements paid",
)  # fmt: skip
Done = TypeVar("Done")


class Sold(NamedTuple):
    number: str
    lines: list[str]
    day: int


class Year:
    """The days one after the other; `told` counts what happened."""

    def __init__(self, county: SmallCounty, orders: int, first: datetime, seed: int = 20261128) -> None:
        self.county, self.left, self.first = county, orders, first
        self.rng, self.told = random.Random(seed), Counter[str]()
        self.paid: list[Sold] = []
        self.day = 0

    def run(self) -> None:
        while self.left:
            self._restock()
            late: list[tuple[str, int]] = []
            begins = self.first + timedelta(days=self.day)
            today = min(self.left, A_DAY)
            for n in range(today):
                with clock.at(begins + timedelta(seconds=30 * n)):
                    self._order(late)
                    if n % 50 == 49:
                        self._work(late)
            self.left -= today
            with clock.at(begins + timedelta(seconds=30 * today + 1800)):
                self._work(late)
                self._evening()
            self.day += 1
        with clock.at(self.first + timedelta(days=self.day + 2)):
            for _ in range(3):
                self._work([])
            self._subsidise()
            self._settle()

    def _order(self, late: list[tuple[str, int]]) -> None:
        fate = self.rng.choices(list(FATES), list(FATES.values()))[0]
        wanted = [(name, self.rng.randint(1, 4)) for name in self.rng.sample(list(GOODS), self.rng.choice((1, 1, 1, 2, 3)))]
        link = self.link if self.rng.random() < 0.15 else None
        promo = PROMO if "bamboo" in dict(wanted) and self.rng.random() < 0.2 else None
        placed = _write(lambda s: buy(s, self.county, *wanted, link=link, coupon=promo, contact=self._somebody()))
        self.told["with a coupon"] += promo is not None
        self.told[fate] += 1
        number, fen = placed.number, placed.total_fen
        if fate == "cancelled unpaid":
            _write(lambda s: cancel_order(s, order_of(s, number), by="buyer"))
            return
        code = self._begin(number)
        if fate == "twice":
            self._pay(self._begin(number), fen)
        if fate == "failed first":
            self._pay(code, fen, "failed")
            self._pay(self._begin(number), fen)
        elif fate == "late":
            late.append((code, fen))
        elif fate != "never":
            self._pay(code, fen, told=fate != "untold")
        if fate == "cancelled":
            tasks.drain(raising=False)
            _write(lambda s: cancel_order(s, order_of(s, number), by="buyer"))
        elif fate not in ("never", "late"):
            with db.reading() as session:
                codes = session.exec(select(OrderLine.code).where(OrderLine.order_id == order_of(session, number).id)).all()
            self.paid.append(Sold(number, list(codes), self.day))

    def _begin(self, number: str) -> str:
        return _write(lambda s: start_payment(s, order_of(s, number), provider="sandbox", method="page").code)

    def _pay(self, code: str, fen: int, outcome: str = "paid", *, told: bool = True) -> None:
        def decide(session: Session) -> None:
            sent = choose(session, code, outcome, tenant_id=self.county.id, amount_fen=fen)
            if told:
                accept(session, "sandbox", sent.headers, sent.body)

        _write(decide)

    def _work(self, late: list[tuple[str, int]]) -> None:
        """What the worker does, and the gateway of those who paid when their time was over."""
        tasks.drain(raising=False)
        expire()
        for code, fen in late:
            if self.rng.random() < 0.5:
                self._pay(code, fen, told=self.rng.random() < 0.7)
                late.remove((code, fen))
        ask_silent()
        tasks.drain(raising=False)

    def _evening(self) -> None:
        """What came today and yesterday is claimed, windows end, and every so often everybody is paid."""
        yesterday = [sold for sold in self.paid if sold.day == self.day - 1]
        arrived = self.rng.sample(yesterday, int(len(yesterday) * DELIVERED))
        self._deliver(arrived)
        ends = {code: clock.now() + timedelta(days=CLAIMED_WITHIN) for sold in yesterday if sold not in arrived for code in sold.lines}
        _write(lambda s: start_windows(s, ends, tenant_id=self.county.id))
        for sold in self.rng.sample(yesterday, int(len(yesterday) * BACK_SOON)):
            self._give_back(sold, "given back")
        old = [sold for sold in self.paid if sold.day <= self.day - SETTLED_EVERY - CLAIMED_WITHIN - 1]
        for sold in self.rng.sample(old, min(len(old), int(A_DAY * BACK_LATE))):
            self._give_back(sold, "given back after it was paid out")
        self.paid = [sold for sold in self.paid if sold.day > self.day - 3 * SETTLED_EVERY]
        while _write(lambda s: mature(s, tenant_id=self.county.id)):
            pass
        if self.day % SETTLED_EVERY == SETTLED_EVERY - 1:
            self._subsidise()
            self._settle()
        tasks.drain(raising=False)

    def _somebody(self) -> Contact:
        return Contact(name="买家", phone=f"139{self.rng.randrange(10**8):08d}")

    def _deliver(self, arrived: list[Sold]) -> None:
        """Packed at their stations and scanned at the trunk and at the door."""
        trunk = self.county.trunks[0].code

        def arrive(session: Session) -> int:
            numbers = [sold.number for sold in arrived]
            waiting = select(Consignment).where(col(Consignment.source_code).in_(numbers), Consignment.status == "awaiting_pack")
            parcels = [parcel for each in session.exec(waiting).all() for parcel in pack(session, each, by="UMASTER")]
            for deed in ("dispatch", "deliver"):
                for start in range(0, len(parcels), 200):
                    scan(session, self.county, *(event(deed, parcel, trunk) for parcel in parcels[start : start + 200]))
            return len(parcels)

        self.told["parcels delivered"] += _write(arrive)

    def _subsidise(self) -> None:
        """This month's awards and the last's, and what fell of them."""
        first = clock.today().replace(day=1)
        for month in ((first - timedelta(days=1)).replace(day=1), first):
            award_all(self.county.id, month)

    def _give_back(self, sold: Sold, name: str) -> None:
        def give(session: Session) -> bool:
            order = order_of(session, sold.number)
            lines = list(session.exec(select(OrderLine).where(OrderLine.order_id == order.id).order_by(col(OrderLine.id))))
            line = self.rng.choice(lines)
            left = left_of(session, [line])[line.id or 0].fen
            if order.status == "cancelled" or not left:
                return False
            fen = left if self.rng.random() < 0.3 else self.rng.randint(1, left)
            give_back(
                session, order, [Part(line.id or 0, fen)], key=f"bench:{self.told.total()}", reason="坏了", asked_by="bench",
                bearer=self.rng.choice(BEARERS),
            )  # fmt: skip
            return True

        self.told[name] += _write(give)

    def _settle(self) -> None:
        """A run from freezing to the bank's own word; one payment of a hundred comes back."""
        tenant_id = self.county.id
        try:
            run = _write(lambda s: service.freeze(s, self.county.county, clock.today(), by="UONE").code)
        except Conflict:
            return
        _write(lambda s: service.approve(s, service.run_named(s, run, tenant_id=tenant_id), by="UTWO"))
        _write(lambda s: service.give_to_bank(s, service.run_named(s, run, tenant_id=tenant_id), by="UONE"))
        with db.reading() as session:
            statements = service.statements_of(session, service.run_named(session, run, tenant_id=tenant_id))
        for each in statements:
            ends = paying.send_back if each.payout_fen and self.rng.random() < 0.01 else paying.reconcile
            for step in (paying.mark_paid, ends):
                _write(lambda s, step=step, code=each.code: step(s, paying.statement_named(s, code, tenant_id=tenant_id), by="UONE"))
        self.told["statements paid"] += len(statements)

    def _restock(self) -> None:
        with clock.at(self.first + timedelta(days=self.day) - timedelta(minutes=30)):
            today = clock.today()

            def receive(session: Session) -> None:
                open_days(session, self.county.county, today, today + timedelta(days=4))
                for name, place in GOODS.items():
                    receive_lot(
                        session, self.county.variants[name], place_id=self.county.stations[place].node_id,
                        grower_id=self.county.growers[place + 1].id or 0, units=3 * A_DAY, grams=3 * A_DAY, harvested_on=today,
                        best_before=today + timedelta(days=30),
                    )  # fmt: skip
                seller = self.seller if self.day else make_user(session, "13800000005", "小满")
                self.seller = seller
                self.link = make_link(session, self.county, seller, {"tomato": 3000}, quota=3 * A_DAY, commission_bp=500).code

            _write(receive)


def measured(folder: Path, orders: int = ORDERS) -> Counter[str]:
    """Play the orders in a new county in this folder and judge what came of them; returns what happened, with figures."""
    with _installation(folder):
        with db.writing() as session:
            county = small_county(session)
            first = clock.midnight(clock.today()) + timedelta(hours=9)
            with clock.at(first - timedelta(hours=1)):
                uses = {"uses": orders, "per_person": 9, "ends_at": first + timedelta(days=1 + orders // A_DAY)}
                coupon(session, county, PROMO, **uses)
                programme(
                    session, county, code="sm-bamboo", basis="sale", beneficiary="grower", share_bp=200, products=("毛竹砧板",),
                    starts=clock.today(), ends=clock.today() + timedelta(days=700), budget_fen=10**10,
                )  # fmt: skip
        began, burned = time.monotonic(), time.process_time()
        year = Year(county, orders, first)
        year.run()
        told, whole = year.told, time.monotonic() - began
        told["seconds"], told["CPU seconds"] = round(whole), round(time.process_time() - burned)
        began = time.monotonic()
        with db.reading() as session, clock.at(year.first + timedelta(days=year.day + 2)):
            broken = [f for f in check(session) if f.count]
            told["ledger"] = int(session.exec(select(func.sum(Posting.amount_fen))).one())
            told["bill"], told["gateway"] = _bill(session), _held(session, "gateway:sandbox")
            told["buyer"] = _held(session, "buyer")
            for state in ("awarded", "reversed"):
                told[f"subsidies {state}"] = session.exec(
                    select(func.count()).select_from(SubsidyAward).where(SubsidyAward.state == state)
                ).one()
            told["postings"] = session.exec(select(func.count(col(Posting.id)))).one()
        told["check seconds"], told["broken"] = round(time.monotonic() - began), len(broken)
        for each in broken:
            print(f"broken: {each.invariant.code} {each.invariant.words}: {each.count}, {list(each.broken)[:3]}")
    return told


def main(folder: Path) -> str:
    told = measured(folder)
    happened = ", ".join(f"{told[name]:,} {name}" for name in HAPPENED)
    rows = [
        ["orders", f"{ORDERS:,}: {happened}"],
        ["time", f"{told['seconds']:,} s ({told['CPU seconds']:,} CPU-s, {1000 * told['CPU seconds'] / ORDERS:.1f} CPU-ms an order)"],
        ["postings; the ledger sums to", f"{told['postings']:,}; {format_fen(told['ledger'])}"],
        ["the gateway's bill; it less our account", f"{format_fen(told['bill'])}; {format_fen(told['bill'] - told['gateway'])}"],
        ["money that is nobody's yet", format_fen(told["buyer"])],
        ["`jishi check`", f"{told['broken']} broken, in {told['check seconds']} s"],
    ]
    return table(["", ""], rows)


@contextmanager
def _installation(folder: Path) -> Iterator[None]:
    """An empty installation of this process's own."""
    own = {"home": folder, "database_url": None, "secret_key": "a secret for measuring only, long enough", "demo": True}
    before = {name: getattr(settings, name) for name in own}
    try:
        for name, value in own.items():
            setattr(settings, name, value)
        metadata.create_all(db.engine())
        with db.engine().begin() as connection:
            apply_triggers(connection)
        yield
    finally:
        db.dispose()
        for name, value in before.items():
            setattr(settings, name, value)


def _bill(session: Session) -> int:
    """What the gateway holds for us by its own book."""
    charged = session.exec(select(func.sum(SandboxCharge.amount_fen)).where(SandboxCharge.outcome == "paid")).one()
    return int(charged or 0) - int(session.exec(select(func.sum(SandboxRefund.amount_fen))).one() or 0)


def _held(session: Session, code: str) -> int:
    asked = select(Balance.amount_fen).join(Account, col(Account.id) == col(Balance.account_id)).where(Account.code == code)
    return session.exec(asked).first() or 0


def _write(work: Callable[[Session], Done]) -> Done:
    with db.writing() as session:
        return work(session)
