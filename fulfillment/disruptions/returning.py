"""What a closed station's goods do when it opens again, by hand or by its clock: what is collected next door comes home or is there.

A consignment may have been sent on by several closings, one after the other. Its home is where the first of them took it from; it is
collected where those that still stand lead from there.
"""

from collections.abc import Collection
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock
from core.codes import new_code
from core.failpoints import failpoint
from fulfillment.batching.from_database import WAITING, read_waiting
from fulfillment.batching.late import tell_new_days
from fulfillment.batching.models import BatchPlan
from fulfillment.batching.repair import repair
from fulfillment.batching.service import for_ever, write_plan
from fulfillment.consignments.models import Consignment, Parcel
from supply.counties.models import County
from supply.stations.models import Node

from .before import standing_roads
from .better import WORDS as BETTER_WORDS
from .closures import STATION
from .models import Closure
from .places import bound_parcels, end_at, lying_at, not_under_way, tell_places

BACK = "{name}重新开站了，您的包裹还是到{name}取，预计{day}送到。"
STAYS = "{name}重新开站了，您的包裹已经送往{there}，还请到{there}取。"


class Returning(NamedTuple):
    """Consignments that are collected at home again, and those that went next door already and stay there."""

    back: list[Consignment]
    stay: list[Consignment]


def returning(session: Session, closure: Closure) -> Returning:
    """Who concerns a station's closing when it ends; one query where it sent nobody elsewhere, else four."""
    if not closure.instead or not closure.struck:
        return Returning([], [])
    sent = select(Closure).where(Closure.tenant_id == closure.tenant_id, Closure.subject_kind == STATION, Closure.instead != "")
    chain = session.exec(sent.order_by(col(Closure.id))).all()
    left = [each for each in chain if each.lifted_at is None and each.id != closure.id]
    query = (
        select(Consignment, Node.code)
        .join(Node, col(Node.id) == col(Consignment.to_node_id))
        .where(Consignment.tenant_id == closure.tenant_id, col(Consignment.code).in_(closure.struck))
    )
    mine = [
        consignment
        for consignment, node in session.exec(query.order_by(col(Consignment.id)))
        if node != closure.subject_code and _ends(consignment.code, chain, left) == closure.subject_code
    ]
    back = not_under_way(session, [consignment.code for consignment in mine])
    ahead = select(Parcel.consignment_id).where(
        col(Parcel.consignment_id).in_([c.id for c in mine]), col(Parcel.status).in_(WAITING)
    )  # fmt: skip
    still = set(session.exec(ahead).all())
    return Returning(back, [c for c in mine if c.id in still and c not in back])


def come_back(session: Session, county: County, closure: Closure, by: str) -> None:
    """Who is not under way yet sets out from here and is collected here again; all receivers hear where they collect."""
    session.flush()
    back, stay = returning(session, closure)
    end_at(session, back, closure.subject_code, county.id)
    failpoint("closing.returned")
    ids = {*lying_at(session, county, closure.subject_code), *bound_parcels(session, county, closure.subject_code)}
    if ids:
        today = clock.today()
        waiting = read_waiting(session, county, today, ready_before=for_ever(today), only=ids)
        plan = BatchPlan(
            tenant_id=county.id, code=new_code("B"), service_date=today, asked_by=by, asked_at=clock.now(), because=closure.subject_code
        )
        session.add(plan)
        session.flush()
        write_plan(session, plan, waiting, repair(waiting.instance, standing_roads(session, waiting)))
    names = dict(session.exec(select(Node.id, Node.name).where(Node.tenant_id == county.id)).all())
    name = session.exec(select(Node.name).where(Node.tenant_id == county.id, Node.code == closure.subject_code)).one()
    tell_places(session, back, BACK.format(name=name, day="{day}"), cause=closure.code)
    for node in sorted({c.to_node_id or 0 for c in stay}):
        staying = [c for c in stay if c.to_node_id == node]
        tell_places(session, staying, STAYS.format(name=name, there=names[node]), cause=closure.code)
    if ids:
        tell_new_days(session, list(waiting.watched), BETTER_WORDS, cause=plan.code)


def _ends(consignment: str, chain: Collection[Closure], left: Collection[Closure]) -> str:
    """The node where a consignment is collected once only the closings `left` stand; `chain` are all there ever were, the first first."""
    node = next(each.subject_code for each in chain if consignment in each.struck)
    been = {node}
    while onward := next((each for each in left if each.subject_code == node and consignment in each.struck), None):
        node = onward.instead
        if node in been:
            break
        been.add(node)
    return node
