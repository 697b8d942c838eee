"""Orders and their payments under a random walk: buyers place, pay in two tabs, cancel; the gateway charges, tells twice, late, in any
order or never; somebody forges; prices change; the process dies between any two writes. Whatever happened, in the end every charge
is one paid order or money that went back, and the stock is whose it was.

What the gateway's book and the buyers know is the model; the shop's rows are compared with it at every step.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlmodel import Session, col, func, select

from core import clock, db, tasks
from core.errors import Conflict, JishiError
from core.ledger.models import Account, Balance
from shop.orders.cancel import TooLate
from shop.orders.models import Order, OrderLine
from shop.payments.giving import NotRefundable, Part, RefundTooMuch, give_back, left_of
from shop.payments.models import LIVE, PaymentAttempt, Refund, SandboxCharge, SandboxRefund
from shop.payments.notices import accept
from shop.payments.provider import BadSignature, Verdict
from shop.payments.sandbox import SIGNATURE, ChargeDecided, choose, notice, sign
from shop.payments.service import cancel_order, settle, start_payment
from shop.payments.start import NotPayable
from shop.payments.tasks import ask_silent, expire
from supply.stock.models import StockLevel
from tests.county import SmallCounty
from tests.machines import crashing, walk
from tests.shop.buying import order_of
from tests.shop.orders.test_api import ADDRESS
from tests.shop.visitor import visitor

PHONES = count(13700000000)
NAMES = ("tomato", "clam")
DEATH = st.none() | st.none() | st.integers(0, 40)  # writes until the process dies; most live
JSON = {"content-type": "application/json"}


class Payments(RuleBasedStateMachine):
    county: ClassVar[SmallCounty]
    orders = Bundle("orders")
    attempts = Bundle("attempts")
    events = Bundle("events")

    @initialize()
    def begin(self) -> None:
        self.at = clock.now()
        self.totals: dict[str, int] = {}
        self.cancelled: set[str] = set()
        self.charged: dict[str, int] = {}  # fen by attempt, as the gateway has it
        self.owner: dict[str, str] = {}  # order by attempt
        self.bodies: dict[str, Any] = {}  # what was sent to place an order
        self.shop = visitor(program=True)
        with db.reading() as session:
            self.levels = {self.county.level(session, name): name for name in NAMES}
            self.begun = self._book(session), self._held(session), self._stock(session)

    # what buyers do

    @rule(target=orders, name=st.sampled_from(NAMES), units=st.integers(1, 30), death=DEATH)
    def place(self, name: str, units: int, death: int | None):
        """Too much is refused; a process that died is asked again under the same key."""
        key = f"walk-{next(PHONES)}"
        goods = {"sku": self.county.variants[name].sku, "qty": units}
        contact = {"name": "赵立春", "phone": str(next(PHONES))}
        with clock.at(self.at):
            quoted = self.shop.post("/api/v1/quotes", json={"items": [goods], "address": ADDRESS})
            if quoted.status_code == 409:
                assert quoted.json()["code"] == "sold_out"
                return multiple()
            body = {"items": [goods], "contact": contact, "address": ADDRESS, "expected_total_fen": quoted.json()["total_fen"]}
            self._dying(death, lambda: self._send(key, body))
            placed = self._send(key, body)
        assert placed.status_code == 201, placed.text
        number = placed.json()["number"]
        self.totals[number], self.bodies[number] = placed.json()["total_fen"], (key, body)
        return number

    @rule(number=orders)
    def place_again(self, number: str) -> None:
        key, body = self.bodies[number]
        with clock.at(self.at):
            again = self._send(key, body)
            other = self._send(key, {**body, "note": "别的"})
        assert (again.status_code, again.json().get("number")) == (201, number)
        assert other.status_code == 422

    @rule(target=attempts, number=orders, method=st.sampled_from(["page", "qr", "card"]), death=DEATH)
    def start_to_pay(self, number: str, method: str, death: int | None):
        made: list[str] = []

        def start(session: Session) -> None:
            made.append(start_payment(session, order_of(session, number), provider="sandbox", method=method).code)

        if not self._write(start, death, refused=(NotPayable, JishiError)) or not made:
            return multiple()
        self.owner[made[0]] = number
        return made[0]

    @rule(number=orders, death=DEATH)
    def cancel(self, number: str, death: int | None) -> None:
        def end(session: Session) -> None:
            cancel_order(session, order_of(session, number), by="buyer", reason="不要了")

        if self._write(end, death, refused=(TooLate,)):
            self.cancelled.add(number)

    @rule(number=orders, part=st.integers(1, 110), bearer=st.sampled_from(["", "grower", "master", "transport", "platform"]), death=DEATH)
    def give_a_part_back(self, number: str, part: int, bearer: str, death: int | None) -> None:
        key = f"part:{next(PHONES)}"

        def give(session: Session) -> None:
            order = order_of(session, number)
            line = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).first()
            assert line is not None
            fen = max(1, left_of(session, [line])[line.id or 0].fen * part // 100)
            give_back(session, order, [Part(line.id or 0, fen)], key=key, reason="试", bearer=bearer)

        self._write(give, death, refused=(NotRefundable, RefundTooMuch))

    # what the gateway does

    @rule(target=events, payment=attempts, outcome=st.sampled_from(["paid", "paid", "failed"]))
    def the_gateway_decides(self, payment: str, outcome: str):
        """In its own book; what it tells of it is on its way, or lost."""
        with clock.at(self.at):
            try:
                with db.writing() as session:
                    fen = self.totals[self.owner[payment]]
                    choose(session, payment, outcome, tenant_id=self.county.id, amount_fen=fen)
            except ChargeDecided:
                return multiple()
        if outcome == "paid":
            self.charged[payment] = fen
        return notice(payment, outcome, amount_fen=fen)

    @rule(event=events, times=st.integers(1, 3), death=DEATH)
    def it_is_told(self, event: str, times: int, death: int | None) -> None:
        for _ in range(times):
            self._write(lambda session: accept(session, "sandbox", self._signed(event), event.encode()), death)

    @rule(payment=attempts, how=st.sampled_from(["signature", "account", "currency", "amount", "stranger"]))
    def somebody_forges(self, payment: str, how: str) -> None:
        """Without the key it is refused; what only the gateway itself could have signed wrongly is kept and not believed."""
        fen = self.totals[self.owner[payment]]
        changed: dict[str, Any] = {"account": {"account": "mallory"}, "currency": {"currency": "USD"}}.get(how, {})
        named = payment if how != "stranger" else f"nobody-{payment}"
        body = notice(named, "paid", amount_fen=1 if how == "amount" else fen, id=f"forged-{next(PHONES)}", **changed)
        headers = {**self._signed(body)} if how != "signature" else {**JSON, SIGNATURE: f"t={int(self.at.timestamp())},v1={'0' * 64}"}
        with clock.at(self.at):
            try:
                with db.writing() as session:
                    accept(session, "sandbox", headers, body.encode())
            except BadSignature:
                assert how in ("signature", "account")

    # what the shop does by itself

    @rule(death=DEATH)
    def work(self, death: int | None) -> None:
        with clock.at(self.at):
            self._dying(death, lambda: tasks.drain(raising=False))

    @rule(death=DEATH)
    def ask(self, death: int | None) -> None:
        with clock.at(self.at):
            self._dying(death, ask_silent)

    @rule(payment=attempts, state=st.sampled_from(["failed", "closed", "unknown", "pending"]), death=DEATH)
    def an_old_answer_arrives(self, payment: str, state: str, death: int | None) -> None:
        """Late or out of order: it takes nothing back."""
        self._write(lambda session: settle(session, payment, Verdict(state), by="walk"), death)

    @rule(minutes=st.sampled_from([1, 6, 20, 90]), death=DEATH)
    def time_goes_by(self, minutes: int, death: int | None) -> None:
        self.at += timedelta(minutes=minutes)
        with clock.at(self.at):
            self._dying(death, expire)

    # how it stands

    @invariant()
    def nobody_has_paid_what_the_gateway_did_not_charge(self) -> None:
        if not hasattr(self, "totals"):
            return
        with db.reading() as session:
            orders = {o.number: o for o in session.exec(select(Order).where(col(Order.number).in_(self.totals)))}
            numbers = {o.id: o.number for o in orders.values()}
            rows = session.exec(select(PaymentAttempt).where(col(PaymentAttempt.order_id).in_(numbers))).all()
            stock, clearing = self._stock(session), self._held(session)
        captured = Counter({numbers[a.order_id]: 0 for a in rows})
        for a in rows:
            if a.status == "captured":
                captured[numbers[a.order_id]] += a.amount_fen
                assert self.charged.get(a.code) == a.amount_fen
        firsts = Counter(a.order_id for a in rows if a.status == "captured" and a.duplicate_of is None)
        assert all(n == 1 for n in firsts.values())
        for number, order in orders.items():
            assert order.total_fen == self.totals[number]
            assert order.captured_fen == captured[number]
            assert 0 <= order.refunded_fen <= order.captured_fen
            assert (order.payment_status == "unpaid") <= (order.captured_fen == 0)
            assert (number in self.cancelled) <= (order.status == "cancelled")
        assert clearing - self.begun[1] == sum(o.captured_fen - o.refunded_fen for o in orders.values())
        self._stock_is_whose_it_was(orders.values(), stock)

    def teardown(self) -> None:
        """It heals: what waits is worked, the gateway is asked, time runs out; then everybody cancels and all is as it was.

        What was seen is judged at the end, so that a walk that failed leaves nothing to the next one.
        """
        if not hasattr(self, "totals"):
            return
        for hours in (0.1, 0.2, 1, 1.5, 30, 1):
            self._worked(hours)
        with db.reading() as session:
            live, healed = self._live(session), self._book(session) - self._held(session)
            orders = [order_of(session, number) for number in self.totals]
        for number in self.totals:
            self._write(lambda session, number=number: cancel_order(session, order_of(session, number), by="buyer"), None)
        self._worked(0)
        with db.reading() as session:
            left = self._book(session), self._held(session), self._stock(session)
            waits = session.exec(select(func.count()).select_from(Refund).where(Refund.status != "done")).one()
        assert (live, healed) == (0, self.begun[0] - self.begun[1])
        for order in orders:
            charges = sum(self.charged.get(code, 0) for code, of in self.owner.items() if of == order.number)
            assert order.captured_fen == charges, "every charge is known"
            if not charges:
                assert (order.status, order.payment_status) == ("cancelled", "expired")
            elif order.status == "cancelled":
                assert order.refunded_fen == order.captured_fen
            else:
                assert order.captured_fen - order.refunded_fen <= order.total_fen
        assert (left, waits) == (self.begun, 0)

    def _worked(self, hours: float) -> None:
        self.at += timedelta(hours=hours)
        with clock.at(self.at):
            expire()
            ask_silent()
            tasks.drain(raising=False)

    def _stock_is_whose_it_was(self, orders: Any, stock: dict[str, tuple[int, int, int]]) -> None:
        held: Counter[str] = Counter()
        sold: Counter[str] = Counter()
        for order in orders:
            goods = self.bodies[order.number][1]["items"][0]
            name = next(n for n in NAMES if self.county.variants[n].sku == goods["sku"])
            if order.status == "open" and order.payment_status == "unpaid":
                held[name] += goods["qty"]
            elif order.status == "open" and order.paid_at is not None:
                sold[name] += goods["qty"]
        assert stock == {name: (self.begun[2][name][0], held[name], sold[name]) for name in NAMES}

    def _write(self, work: Callable[[Session], Any], death: int | None, *, refused: tuple[type[JishiError], ...] = (Conflict,)) -> bool:
        """One transaction, perhaps cut short; whether it is there."""
        done: list[bool] = []

        def transaction() -> None:
            with db.writing() as session:
                work(session)
            done.append(True)

        with clock.at(self.at):
            try:
                self._dying(death, transaction)
            except refused:
                return False
        return bool(done)

    @staticmethod
    def _dying(death: int | None, work: Callable[[], Any]) -> None:
        if death is None:
            work()
            return
        with crashing(death):
            work()

    def _send(self, key: str, body: dict[str, Any]) -> Any:
        return self.shop.post("/api/v1/orders", json=body, headers={"idempotency-key": key})

    def _signed(self, body: str) -> dict[str, str]:
        with clock.at(self.at):
            return {**JSON, SIGNATURE: sign(body.encode())}

    def _stock(self, session: Session) -> dict[str, tuple[int, int, int]]:
        rows = session.exec(select(StockLevel).where(col(StockLevel.id).in_(self.levels)).execution_options(populate_existing=True))
        return {self.levels[level.id or 0]: (level.on_hand, level.reserved, level.allocated) for level in rows}

    def _held(self, session: Session) -> int:
        asked = (
            select(Balance.amount_fen).join(Account, col(Account.id) == col(Balance.account_id)).where(Account.code == "gateway:sandbox")
        )
        return session.exec(asked).first() or 0

    def _book(self, session: Session) -> int:
        """What the gateway itself says it holds for us."""
        charged = select(func.coalesce(func.sum(SandboxCharge.amount_fen), 0)).where(SandboxCharge.outcome == "paid")
        return int(session.exec(charged).one()) - int(session.exec(select(func.coalesce(func.sum(SandboxRefund.amount_fen), 0))).one())

    def _live(self, session: Session) -> int:
        return session.exec(select(func.count()).select_from(PaymentAttempt).where(col(PaymentAttempt.status).in_(LIVE))).one()


@pytest.mark.hypothesis
def test_every_charge_is_one_paid_order_or_goes_back_whatever_happens(county_rows):
    walk(type("Payments", (Payments,), {"county": county_rows}), steps=20)
