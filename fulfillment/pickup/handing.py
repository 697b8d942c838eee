"""Handing a parcel to its receiver: with the code once, without it by the master's word and reason, after five wrong tries only so.

A wrong try must be remembered, so it is an answer and not an error: whoever calls commits it.
"""

import re
import unicodedata
from hmac import compare_digest

from sqlmodel import Session, col, select

from core import audit, clock, i18n, notify
from core.errors import Refused
from core.permissions import Actor
from core.pii import mask_numbers
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import receiver
from fulfillment.custody.desk import Said, answer, holder_of, scan_here
from fulfillment.custody.doors import door_code
from fulfillment.custody.locking import lock
from fulfillment.custody.upload import Outcome, parcel_code
from supply.stations.models import Station

from .models import TRIES, Ended, Stay
from .shelf import secret_of

SENT_BACK = i18n.kept("您的包裹放了 {n} 天没人取，已从{station}退回。")
CODE = re.compile(r"([1-9][0-9]{0,4})[- ]?([0-9]{4})")


def hand_out(session: Session, actor: Actor, here: Station, read: str, *, key: str) -> Said:
    """By a pick-up code; a parcel's own label opens nothing that lies on the shelf. The same form again is the first one's answer."""
    _ = i18n.gettext
    typed = CODE.fullmatch(re.sub(r"[－–—]", "-", unicodedata.normalize("NFKC", read.strip())[:40]))
    if typed is None:
        parcel = parcel_code(read)
        if parcel and open_stay(session, here, Stay.parcel_code == parcel) is not None:
            return Said(_("这件要取件码"), _("请来人报取件码；没有取件码的，看证件，在下面这件旁边写明理由。"), "wait", parcel)
        place = door if holder_of(session, read) == (door := door_code(here.code)) else here.code
        return answer(scan_here(session, actor, key, "deliver", read, place), "deliver", read)
    shelf, secret = int(typed[1]), typed[2]
    stay = open_stay(session, here, Stay.shelf == shelf)
    if stay is None:
        done = session.exec(select(Stay).where(Stay.station_id == here.node_id, Stay.ended_key == _mark(actor, key))).first()
        if done is not None:
            return Said(_("这件已经交给来人"), "", "go", done.parcel_code)
        return Said(_("没有这个取件码"), _("取过的取件码不能再用。请来人再看一遍短信或订单。"), "bad", "")
    if stay.is_locked:
        return Said(_("试错太多次，这件锁住了"), _("请看证件，在下面这件旁边写明理由再给。"), "bad", stay.parcel_code)
    if not compare_digest(secret_of(stay), secret):
        stay.wrong += 1
        session.add(stay)
        left = TRIES - stay.wrong
        return Said(_("取件码不对"), _("还能试 %(n)s 次。") % {"n": left} if left else _("这件锁住了，要看证件才能给。"), "bad", "")
    return _give(session, actor, here, stay, Ended.FETCHED, key)


def confirm(session: Session, actor: Actor, here: Station, read: str, reason: str, *, key: str) -> Said:
    """Without the code: the master looked at who comes and says why, which stays in the trail. Raises Refused without a reason."""
    if len(reason) < 2:
        raise Refused("写明看了什么证件、为什么给，200 字以内", field="reason")
    parcel = parcel_code(read)
    stay = open_stay(session, here, Stay.parcel_code == parcel) if parcel else None
    if stay is None:
        return _gone(session, actor, key, parcel)
    stay.reason = mask_numbers(reason)
    audit.record(
        session, "pickup.confirm", tenant_id=actor.tenant_id, actor=actor.user_code, subject=stay.parcel_code, reason=reason,
        station=here.code, wrong=stay.wrong,
    )  # fmt: skip
    return _give(session, actor, here, stay, Ended.CONFIRMED, key)


def send_back(session: Session, actor: Actor, here: Station, read: str, *, days: int, key: str) -> Said:
    """What nobody fetched within the county's days is given back. Before that it waits."""
    _ = i18n.gettext
    parcel = parcel_code(read)
    stay = open_stay(session, here, Stay.parcel_code == parcel) if parcel else None
    if stay is None:
        return _gone(session, actor, key, parcel)
    if (clock.today() - clock.business_date(stay.since)).days <= days:
        return Said(_("还没到期"), _("到站满 %(n)s 天没人取，才退回。") % {"n": days}, "wait", parcel)
    outcome = give_back(session, actor, here, stay, key=key)
    return Said(_("退回了"), _("放到要退回的一边，等车带走。"), "go", parcel) if not outcome.code else answer(outcome, "return", parcel)


def give_back(session: Session, actor: Actor, here: Station, stay: Stay, *, key: str) -> Outcome:
    """The way back begins: it leaves the shelf, its place is free, its receiver is told."""
    consignment = session.exec(select(Consignment).join(Parcel).where(Parcel.code == stay.parcel_code)).one()
    days = (clock.today() - clock.business_date(stay.since)).days
    _end(session, stay, Ended.RETURNED, actor, key)
    with i18n.speaking("zh"):
        words = i18n.retold(SENT_BACK.format(n=days, station=here.name))
    notify.tell(session, receiver(consignment).phone, words, tenant_id=stay.tenant_id, key=f"shelf:{stay.code}:back")
    return scan_here(session, actor, f"back-{key}", "return", stay.parcel_code, here.code)


def _gone(session: Session, actor: Actor, key: str, parcel: str) -> Said:
    _ = i18n.gettext
    done = session.exec(select(Stay).where(Stay.parcel_code == parcel, Stay.ended_key == _mark(actor, key))).first() if parcel else None
    if done is not None:
        return Said(_("这件已经交给来人") if done.ended_how != Ended.RETURNED else _("退回了"), "", "go", parcel)
    return Said(_("这件不在货架上"), _("可能已经取走了。"), "bad", parcel)


def open_stay(session: Session, here: Station, which: bool) -> Stay | None:
    """The open stay at this station, locked after its parcel as scans lock them."""
    asked = select(Stay).where(Stay.station_id == here.node_id, which, col(Stay.ended_at).is_(None))
    found = session.exec(asked).first()
    if found is None:
        return None
    lock(session, here.tenant_id, {(found.parcel_code, "")}, since=clock.now())
    again = select(Stay).where(Stay.id == found.id, col(Stay.ended_at).is_(None)).with_for_update()
    return session.exec(again, execution_options={"populate_existing": True}).first()


def _give(session: Session, actor: Actor, here: Station, stay: Stay, how: Ended, key: str) -> Said:
    _ = i18n.gettext
    _end(session, stay, how, actor, key)
    outcome = scan_here(session, actor, f"give-{key}", "deliver", stay.parcel_code, here.code)
    if outcome.code:
        return answer(outcome, "deliver", stay.parcel_code)
    return Said(_("交给来人，%(n)s 号货架空了") % {"n": stay.shelf}, "", "go", stay.parcel_code)


def _end(session: Session, stay: Stay, how: Ended, actor: Actor, key: str) -> None:
    stay.ended_at, stay.ended_how, stay.ended_by, stay.ended_key = clock.now(), how.value, actor.user_code, _mark(actor, key)
    session.add(stay)
    session.flush()


def _mark(actor: Actor, key: str) -> str:
    return f"{actor.user_code}:{key}"[:120]
