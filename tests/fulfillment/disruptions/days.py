"""A county's days as a machine: orders, plans, scans and everything that goes wrong, in any order; `account` adds up after every step.

Each example is a county of its own, on a copy of one empty database. Numbers choose among what there is, so that a step means
something in any state and a failing run shrinks to its few necessary steps.
"""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import Session, col, select

import shop.invariants
from core import clock, db
from core.errors import JishiError
from core.tasks import drain
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment, ConsignmentStatus, Parcel
from fulfillment.consignments.service import cancel_consignments, pack
from fulfillment.custody.service import ScanEvent
from fulfillment.disruptions.better import ask_better
from fulfillment.disruptions.closing import CloseStation
from fulfillment.disruptions.closures import Span, current
from fulfillment.disruptions.deed import apply, preview
from fulfillment.disruptions.kinds import CancelDeparture, DelayDeparture, RefuseBoxes, SuspendLine
from fulfillment.disruptions.lifting import lift, run_after_all
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.refusals import TakeAfterAll
from fulfillment.disruptions.tasks import end_closings
from fulfillment.manifests.service import issue
from fulfillment.network.models import StopTime, Trunk, Vehicle
from fulfillment.timetable.models import Departure
from fulfillment.timetable.tasks import follow
from supply.stations.models import Node
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.disruptions.accounting import account, collected, everything, notices, planned_days, told_days
from tests.fulfillment.shipping import TO, event, parcels_of, person, scan, ship, sold

MINUTE = timedelta(minutes=1)
NAMES = ("tomato", "tea", "bamboo", "clam")
GOODS = {"I4", "I5", "I6", "I9", "I14"}  # invariants of goods, looked at after every step; the others at the end
FIGURES = ("parcels", "moved", "late", "unplaced", "notified")
ACTIONS = ("load", "unload", "receive", "dispatch", "deliver", "return", "lose")
any_one = st.integers(0, 999)  # which of what there is
some_minutes = st.integers(1, 600)


def spare_vans(session: Session, tenant_id: int) -> None:
    """Two vans that no line needs, so that extra runs can be driven."""
    session.add_all(
        Vehicle(
            tenant_id=tenant_id, code=f"van-{n}", plate=f"浙B·{n}", kind="mail_van", bay_g=90_000 * n, bay_ml=400_000 * n, boxes=4 * n,
            chilled_ml=100_000, tiers=["ambient", "chilled"],
        ) for n in (1, 2)
    )  # fmt: skip


class Days(RuleBasedStateMachine):
    """`begin` makes a fresh county's database the installation's and returns its rows; `end` takes it away again."""

    def __init__(self, begin: Callable[[], SmallCounty], end: Callable[[], None]) -> None:
        super().__init__()
        self.end, self.rows, self.now = end, begin(), NINE
        self.codes: list[str] = []  # as they were made
        self.homes: dict[str, str] = {}  # by consignment the station of the county it was sold to
        self.scanned: list[ScanEvent] = []
        self.seen: object = None

    def teardown(self) -> None:
        try:
            with db.reading() as session:
                broken = [(f.invariant.words, f.broken) for f in shop.invariants.check(session) if f.count]
            assert [words for words in broken if "search index" not in words[0]] == []  # it lies outside the copied database
        finally:
            self.end()

    # what people do

    @initialize(a=any_one, b=any_one)
    def begin_the_day(self, a: int, b: int) -> None:
        self.sell(a, b, inside=False, packs=True)
        self.sell(a + 1, b, inside=False, packs=True)
        self.plan()

    @rule(a=any_one, b=any_one, inside=st.booleans(), packs=st.booleans())
    def sell(self, a: int, b: int, inside: bool, packs: bool) -> None:
        """A paid line, to the city or to a station of the county; packed at once or later."""
        with self._acting() as session:
            to = TO._replace(zone="z0", to_node_id=self.rows.stations[b % 3].node_id) if inside else TO
            (made,) = ship(session, self.rows, sold(session, self.rows, NAMES[a % 4], 1 + b % 3), to=to)
            if packs:
                pack(session, made, by="UMASTER")
            session.flush()
            fresh, number = [p.code for p in parcels_of(session, made)], made.code
        self.codes += fresh
        if inside:
            self.homes[number] = self.rows.stations[b % 3].code

    @rule(a=any_one)
    def pack(self, a: int) -> None:
        with self._acting() as session:
            if made := _one(session, select(Consignment).where(Consignment.status == ConsignmentStatus.AWAITING_PACK), a):
                pack(session, made, by="UMASTER")

    @rule(a=any_one)
    def call_off(self, a: int) -> None:
        with self._acting() as session:
            if made := _one(session, select(Consignment).where(Consignment.status == ConsignmentStatus.AWAITING_PACK), a):
                cancel_consignments(session, made.source_code, tenant_id=self.rows.id)

    @rule()
    def plan(self) -> None:
        with self._acting() as session:
            plan_day(session, self.rows.county, DAY)

    @rule(a=any_one)
    def issue(self, a: int) -> None:
        with self._acting() as session:
            issue(session, session.exec(select(Departure).where(Departure.code == self._departure(session, a))).one())

    @rule(minutes=st.integers(1, 45), drained=st.booleans())
    def wait(self, minutes: int, drained: bool) -> None:
        self.now += minutes * MINUTE
        with clock.at(self.now):
            follow()
            end_closings()
            if drained:
                drain()

    @rule()
    def look_for_better(self) -> None:
        """The background looks at the whole plan again, whoever asked for it."""
        with self._acting() as session:
            ask_better(session, self.rows.county, because=f"asked:{self.now.isoformat()}")
        with clock.at(self.now):
            drain()

    # what goes wrong

    @rule(a=any_one, extra=st.booleans())
    def cancel(self, a: int, extra: bool) -> None:
        self._disrupt(lambda session: CancelDeparture(self._departure(session, a), "雾"), extra=extra)

    @rule(a=any_one, minutes=st.integers(0, 601))
    def delay(self, a: int, minutes: int) -> None:
        self._disrupt(lambda session: DelayDeparture(self._departure(session, a), minutes, "修路"))

    @rule(a=any_one, stop=st.integers(0, 3))
    def limit(self, a: int, stop: int) -> None:
        self._disrupt(lambda session: RefuseBoxes(self._departure(session, a), stop, (), "车满了"))

    @precondition(lambda self: self.codes)
    @rule(a=any_one, b=any_one)
    def refuse(self, a: int, b: int) -> None:
        self._disrupt(lambda session: RefuseBoxes(self._departure(session, a), 0, (self._parcel(b),), "装不下这件"))

    @rule(a=any_one, after=st.integers(0, 300), lasts=some_minutes | st.none())
    def suspend(self, a: int, after: int, lasts: int | None) -> None:
        self._disrupt(lambda session: SuspendLine(self.rows.lines[a % 2].code, self._span(after, lasts), "大风"))

    @rule(a=any_one, after=st.integers(0, 300), lasts=some_minutes | st.none(), instead=st.booleans())
    def close(self, a: int, after: int, lasts: int | None, instead: bool) -> None:
        here, other = (self.rows.stations[n % 3].code for n in (a, a + 1))
        self._disrupt(lambda session: CloseStation(here, self._span(after, lasts), "停电", other if instead else ""))

    # what goes on again

    @rule(a=any_one)
    def run_after_all(self, a: int) -> None:
        with self._acting() as session:
            if code := _one(session, select(Departure.code).where(Departure.status == "cancelled"), a):
                run_after_all(session, self.rows.county, code, by="U1")

    @rule(a=any_one)
    def take_after_all(self, a: int) -> None:
        with db.reading() as session:
            refused = _one(session, select(Disruption).where(Disruption.kind == "refused"), a)
        if refused:
            self._disrupt(lambda session: TakeAfterAll(refused.cause, refused.subject_code))

    @rule(a=any_one)
    def lift(self, a: int) -> None:
        with self._acting() as session:
            if closed := current(session, self.rows.id):
                lift(session, self.rows.county, closed[a % len(closed)].code, by="U1")

    # scans

    @precondition(lambda self: self.codes)
    @rule(a=any_one, ago=st.integers(0, 40))
    def ride_on(self, a: int, ago: int) -> None:
        """The next hand-over of its planned road, told now or late."""
        with db.reading() as session:
            steps = _road(session, code := self._parcel(a))
        done = {(e.action, e.place) for e in self.scanned if e.code == code}
        if ahead := next((step for step in steps if step not in done), None):
            self._scan([self._event(ahead[0], code, ahead[1], ago)])

    @precondition(lambda self: self.codes)
    @rule(picks=st.lists(st.tuples(st.sampled_from(ACTIONS), any_one, any_one, st.integers(0, 300)), min_size=1, max_size=4))
    def scan_anything(self, picks: list[tuple[str, int, int, int]]) -> None:
        """Whatever a scan gun may say: any parcel anywhere, told late and out of order."""
        with db.reading() as session:
            events = [self._event(action, self._parcel(a), self._place(session, action, b), ago) for action, a, b, ago in picks]
        self._scan(events)

    @precondition(lambda self: self.scanned)
    @rule(order=st.randoms(use_true_random=False), last=st.integers(1, 8))
    def replay(self, order: Any, last: int) -> None:
        """A phone sends again what it has sent, in another order: nothing changes."""
        again = self.scanned[-last:]
        order.shuffle(again)
        with db.reading() as session:
            before = everything(session)
        with self._acting() as session:
            assert {outcome.result for outcome in scan(session, self.rows, *again)} <= {"duplicate", "rejected"}
        with db.reading() as session:
            assert everything(session) == before

    # what always holds

    @invariant()
    def all_is_accounted_for(self) -> None:
        with db.reading() as session:
            if (seen := everything(session)) == self.seen:
                return
            self.seen = seen
            account(session, set(self.codes))
            collected(session, self.homes)
            notices(session)
            assert [(each.words, line) for each in shop.invariants.registered() if each.code in GOODS for line in each.probe(session)] == []

    # how a step is taken

    @contextmanager
    def _acting(self):  # type: ignore[no-untyped-def]
        """One transaction at this hour; refused in words is an answer, and leaves everything as it was."""
        try:
            with clock.at(self.now), db.writing() as session:
                yield session
        except JishiError:
            self._nothing_changed()

    def _nothing_changed(self) -> None:
        with db.reading() as session:
            assert everything(session) == self.seen

    def _disrupt(self, choose: Callable[[Session], Any], *, extra: bool = False) -> None:
        """Seen, then done: the figures agree, and who hears of another day comes neither the day told last nor one between it and the day before."""
        desk = person(self.rows, "dispatcher")
        with clock.at(self.now):
            with db.reading() as session:
                incident = choose(session)
                before, known = planned_days(session), told_days(session)
                ends = {c.code: c.to_node_id for c in session.exec(select(Consignment))}
            try:
                foreseen = preview(self.rows.county, incident)
                done = apply(self.rows.county, incident, actor=desk, route="POST", extra=extra)
            except JishiError:
                self._nothing_changed()
                return
        if not extra:
            assert {name: done[name] for name in FIGURES} == {name: getattr(foreseen, name) for name in FIGURES}
        with db.reading() as session:
            now, told = planned_days(session), told_days(session)
            placed = {c.code for c in session.exec(select(Consignment)) if ends[c.code] != c.to_node_id}
            assert {c: told[c] for c in now if c not in placed} == {
                c: day if day and day not in _between(known[c], before[c] or known[c]) else known[c]
                for c, day in now.items()
                if c not in placed
            }

    def _span(self, after: int, lasts: int | None) -> Span:
        begins = self.now + after * MINUTE
        return Span(begins, None if lasts is None else begins + lasts * MINUTE)

    def _parcel(self, a: int) -> str:
        return self.codes[a % len(self.codes)]

    def _departure(self, session: Session, a: int) -> str:
        """One that parcels are planned on, else any of the day."""
        on = select(PlannedLeg.departure_id).where(col(PlannedLeg.voided_at).is_(None))
        found = _one(session, select(Departure.code).where(col(Departure.id).in_(on)), a)
        return found or _one(session, select(Departure.code).where(Departure.service_date == DAY), a)

    def _place(self, session: Session, action: str, b: int) -> str:
        if action in ("load", "lose"):
            return self._departure(session, b)
        if action == "dispatch":
            return _one(session, select(Trunk.code), b)
        return (self.rows.hub.code, *(station.code for station in self.rows.stations))[b % 4]

    def _event(self, action: str, code: str, place: str, ago: int) -> ScanEvent:
        return event(action, code, place, at=max(NINE, self.now - ago * MINUTE))

    def _scan(self, events: Sequence[ScanEvent]) -> None:
        with self._acting() as session:
            outcomes = scan(session, self.rows, *events)
            self.scanned += [e for e, outcome in zip(events, outcomes, strict=True) if outcome.result == "accepted"]


def _one(session: Session, query: Any, a: int) -> Any:
    """One of what a query finds, the first made first; None where it finds nothing."""
    table = query.column_descriptions[0]["entity"]
    found = session.exec(query.order_by(col(table.id))).all()
    return found[a % len(found)] if found else None


def _between(one: date, other: date) -> list[date]:
    first = min(one, other)
    return [first + timedelta(days=n) for n in range(abs((other - one).days) + 1)]


def _road(session: Session, code: str) -> list[tuple[str, str]]:
    """The scans of a parcel's planned road, in order: on and off each departure, then to its trunk."""
    legs = (
        select(Departure.code, Node.code)
        .join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id))
        .join(Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(PlannedLeg.alight)))
        .join(Node, col(Node.id) == col(StopTime.node_id))
        .where(Parcel.code == code, col(PlannedLeg.voided_at).is_(None))
        .order_by(col(PlannedLeg.position))
    )
    steps = [step for departure, node in session.exec(legs) for step in (("load", departure), ("unload", node))]
    trunk = session.exec(select(Trunk.code).join(Parcel, col(Parcel.trunk_id) == col(Trunk.id)).where(Parcel.code == code)).first()
    return [*steps, *([("dispatch", trunk), ("deliver", trunk)] if trunk else [])]
