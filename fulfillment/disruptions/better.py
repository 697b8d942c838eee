"""After a repair the whole plan is looked at again in the background, and changed only where that is clearly better.

People have read their manifests and packed by them, so roads are not swapped for a few fen: only when fewer parcels are without a
road or late at no more cost, or when it saves at least 1 % and 5 yuan. Parcels about to be boarded or under way are facts in
this plan as in every other, and a county whose roads moved meanwhile is looked at anew.
"""

from typing import NamedTuple

from sqlmodel import Session

from core import clock, db
from core.codes import new_code
from core.outbox import emit
from core.tasks import Event, handler
from fulfillment.batching.answer import Plan
from fulfillment.batching.child import solve_apart
from fulfillment.batching.from_database import Waiting, read_waiting
from fulfillment.batching.late import tell_new_days
from fulfillment.batching.models import BatchPlan
from fulfillment.batching.repair import cost_of
from fulfillment.batching.service import for_ever, write_plan
from supply.counties.models import County

from .before import standing_roads

TOPIC = "roads.better"
BETTER = "better"  # as a plan says why it was made
SAVES_SHARE, SAVES_FEN = 0.01, 500
SECONDS = 20.0
WORDS = "您的包裹重新排了车，预计{day}送到。"


class Worth(NamedTuple):
    """Cost in the model, parcels late, parcels without a road."""

    cost_fen: float
    late: int
    without: int


class Found(NamedTuple):
    waiting: Waiting
    answer: Plan


def clearly_better(now: Worth, new: Worth) -> bool:
    """Whether it is worth moving parcels that have a road."""
    if new.without > now.without or (new.without == now.without and new.late > now.late):
        return False
    if new.cost_fen <= now.cost_fen and (new.without, new.late) < (now.without, now.late):
        return True
    return now.cost_fen - new.cost_fen >= max(SAVES_SHARE * now.cost_fen, SAVES_FEN)


def ask_better(session: Session, county: County, *, because: str) -> None:
    """Look for a better plan after this transaction; once for each cause."""
    emit(session, TOPIC, tenant_id=county.id, key=because, payload={"day": clock.today().isoformat()})


def find_better(event: Event) -> Found | None:
    """The whole plan of what waits, solved in a child process; None when it is not clearly better than what stands."""
    with db.reading() as session:
        county, today = session.get_one(County, event.tenant_id), clock.today()
        waiting = read_waiting(session, county, today, ready_before=for_ever(today))
        before = standing_roads(session, waiting)
    if not waiting.watched:
        return None
    answer = solve_apart(waiting.instance, seconds=SECONDS)
    cost, late, without = cost_of(waiting.instance, before)
    better = clearly_better(Worth(cost, late, without), Worth(answer.cost_fen, answer.late, answer.unserved))
    return Found(waiting, answer) if better else None


@handler(TOPIC, ask=find_better)
def keep_better(session: Session, event: Event, found: Found | None) -> None:
    """Swap it in and tell whose day changed; RoadsMoved leaves the row due, and it is looked for again."""
    if found is None:
        return
    plan = BatchPlan(
        tenant_id=event.tenant_id, code=new_code("B"), service_date=clock.today(), asked_by="clock", asked_at=clock.now(), because=BETTER,
    )  # fmt: skip
    session.add(plan)
    session.flush()
    write_plan(session, plan, found.waiting, found.answer)
    tell_new_days(session, found.waiting.watched, WORDS, cause=plan.code)
