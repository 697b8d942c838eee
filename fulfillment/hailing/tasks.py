"""Who called a run that is struck out is told, once."""

from sqlmodel import Session, col, select

from core import clock, db, notify, pii
from core.auth.models import User
from core.status import move
from core.tasks import every
from core.tenant import Tenant
from fulfillment.network.models import StopTime
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Node

from .models import STOP_CALL, StopCall, StopCallStatus

MOST = 200  # rows a transaction


@every(60, "hailing.follow")
def follow() -> None:
    """Every county in its own transactions, a batch at a time."""
    with db.reading() as session:
        tenants = session.exec(select(Tenant.id).order_by(col(Tenant.id))).all()
    for tenant in tenants:
        while db.run_write(lambda session, tenant=tenant: call_off(session, tenant or 0)) >= MOST:  # type: ignore[misc]
            pass


def call_off(session: Session, tenant_id: int) -> int:
    """Calls whose run does not run are called off, with its reason. Returns how many."""
    rows = session.exec(
        select(StopCall, Departure, User, Node)
        .join(Departure, col(Departure.id) == col(StopCall.departure_id))
        .join(User, col(User.id) == col(StopCall.user_id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(StopCall.position)))
        .join(Node, col(Node.id) == col(StopTime.node_id))
        .where(
            StopCall.tenant_id == tenant_id, StopCall.status == StopCallStatus.CALLED, Departure.status == DepartureStatus.CANCELLED
        )
        .limit(MOST)
    ).all()  # fmt: skip
    for row, departure, user, stop in rows:
        move(
            session, StopCall, row.id or 0, "status", STOP_CALL, "called", "called_off",
            tenant_id=tenant_id, subject=row.code, by="clock", note=departure.note,
        )  # fmt: skip
        leaves, why = clock.local(departure.starts_at), f"：{departure.note}" if departure.note else ""
        words = f"你约在{stop.name}停的那班车（{leaves.month} 月 {leaves.day} 日 {leaves:%H:%M} 首站发车）停了{why}"
        phone = pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}")
        notify.tell(session, phone, words, tenant_id=tenant_id, key=f"{row.code}:called_off")
    return len(rows)
