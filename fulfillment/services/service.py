"""A village service is done and counted, paid in cash, by the county or not at all; undone while nothing counted it.

A deed is one transaction with its journal: cash as `fulfillment.cash` books it; `service` Dr platform / Cr station where the county
pays.
"""

from sqlmodel import Session, col, select

from core import clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from core.ledger.models import Journal, Side
from core.ledger.service import open_account, post, reverse
from core.money import format_fen
from fulfillment.cash.models import CashTaking, Purpose
from fulfillment.cash.service import on_undone, take_cash, undo_taking
from fulfillment.income.models import Source
from fulfillment.income.service import Earned, record, reverse_for
from supply.stations.models import Station, VillageService
from supply.stations.queries import services_of

from .models import PaidBy, ServiceDone

_ = i18n.gettext
MOST = 99  # in one go: more is a slip of the finger
BY_COUNTY = i18n.kept("{name}做了 {n} {unit}，县里每一{each}补 {fee} 元")


class ServiceUnknown(NotFound):
    """The station offers no such service, or no such record stands at it."""

    code = "service_unknown"


class CountedAlready(Conflict):
    """The day it was done on is over, or a statement pays it."""

    code = "counted_already"


def offered(session: Session, station: Station, code: str) -> VillageService:
    """Raises ServiceUnknown."""
    found = next((each for each in services_of(session, station) if each.code == code), None)
    if found is None:
        raise ServiceUnknown(_("这个驿站没有这项服务"))
    return found


def do_service(session: Session, station: Station, service: str, *, quantity: int, in_cash: bool, by: str) -> ServiceDone:
    """Done `quantity` times; in cash at the listed fee, else for nothing. Raises Refused, ServiceUnknown."""
    what = offered(session, station, service)
    if not 1 <= quantity <= MOST:
        raise Refused(_("做了几次：1 到 {n}").format(n=MOST), field="quantity")
    if in_cash and not what.fee_fen:
        raise Refused(_("这项服务不收费"), field="paid")
    now = clock.now()
    fen = quantity * (what.fee_fen if in_cash else what.county_fee_fen)
    paid_by = PaidBy.CASH if in_cash else PaidBy.COUNTY if fen else PaidBy.NOBODY
    done = ServiceDone(
        tenant_id=station.tenant_id, code=new_code("SD"), station_code=station.code, service_code=what.code, name=what.name, unit=what.unit,
        quantity=quantity, paid_by=paid_by, fee_fen=fen, business_date=clock.business_date(now), done_at=now, done_by=by,
    )  # fmt: skip
    if in_cash:
        taking = take_cash(session, station, Purpose.SERVICE, fen, what=f"{what.name} × {quantity}", by=by)
        done.taking_code = taking.code
    session.add(done)
    session.flush()
    if paid_by == PaidBy.COUNTY:
        _pay(session, station, done, what)
    return done


def _pay(session: Session, station: Station, done: ServiceDone, what: VillageService) -> None:
    payer = open_account(session, "platform", tenant_id=done.tenant_id, side=Side.CREDIT, may_be_negative=True)
    earner = open_account(session, f"station:{station.code}", tenant_id=done.tenant_id, side=Side.CREDIT)
    journal = post(
        session, f"service:{done.code}", [(payer.id or 0, done.fee_fen), (earner.id or 0, -done.fee_fen)], tenant_id=done.tenant_id,
        kind="service", cause_kind="service", cause_code=done.code,
    )  # fmt: skip
    earned = Earned(
        key=f"{done.code}:service", party_kind="station", party_code=station.code, source=Source.SERVICE, amount_fen=done.fee_fen,
        cause_kind="service", cause_code=done.code,
        words=BY_COUNTY.format(name=done.name, n=done.quantity, unit=done.unit, each=done.unit, fee=format_fen(what.county_fee_fen)),
    )  # fmt: skip
    record(session, [earned], tenant_id=done.tenant_id, journal_id=journal.id, payable_at=done.done_at)


def undo_service(session: Session, station: Station, code: str, *, by: str) -> ServiceDone:
    """What was recorded wrongly never was, on the same day, as long as no close counted its cash and no statement pays it.

    Again changes nothing. Raises ServiceUnknown, CountedAlready, fulfillment.cash's ClosedAlready.
    """
    asked = select(ServiceDone).where(
        ServiceDone.tenant_id == station.tenant_id, ServiceDone.station_code == station.code, ServiceDone.code == code
    )
    done = session.exec(asked.with_for_update()).first()
    if done is None:
        raise ServiceUnknown(_("没有这一笔"))
    if done.undone_at is not None:
        return done
    if done.business_date != clock.today():
        raise CountedAlready(_("只能撤今天记的"))
    if done.taking_code is not None:
        undo_taking(session, station, done.taking_code, by=by)
        return done
    if done.paid_by == PaidBy.COUNTY:
        if not reverse_for(session, [done.code], tenant_id=done.tenant_id, by=by, note="undone"):
            raise CountedAlready(_("这一笔已经在结算单里，不能撤了"))
        posted = select(Journal).where(Journal.tenant_id == done.tenant_id, Journal.key == f"service:{done.code}")
        reverse(session, session.exec(posted).one(), key=f"unservice:{done.code}")
    _mark_undone(session, done, by=by)
    return done


@on_undone
def undo_with_taking(session: Session, taking: CashTaking) -> None:
    """The cash never was taken, so the service it was for never was done."""
    if done := of_taking(session, taking.code, tenant_id=taking.tenant_id):
        _mark_undone(session, done, by=taking.undone_by)


def _mark_undone(session: Session, done: ServiceDone, *, by: str) -> None:
    done.undone_at, done.undone_by = clock.now(), by
    session.add(done)
    session.flush()


def of_taking(session: Session, taking_code: str, *, tenant_id: int) -> ServiceDone | None:
    """The service that a taking of cash was for."""
    asked = select(ServiceDone).where(ServiceDone.tenant_id == tenant_id, col(ServiceDone.taking_code) == taking_code)
    return session.exec(asked).first()
