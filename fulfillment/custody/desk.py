"""One scan made on a page, of a parcel or a box: kept as any other, and answered so that nobody at arm's length takes it wrongly."""

from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, i18n
from core.permissions import Actor
from fulfillment.boxes.models import Box
from fulfillment.consignments.models import Parcel
from fulfillment.disruptions.models import Disruption

from .models import Action, Custody
from .service import Outcome, ScanEvent, record_scans
from .upload import box_code, parcel_code

DONE = i18n.marked(
    {
        Action.LOAD: "这件上了车", Action.UNLOAD: "这件卸下了", Action.LOSE: "这件没见到，已告诉调度", Action.DELIVER: "这件送到了",
        "take_out": "这件带上了，送到了再扫一次",
        Action.STOW: "这件装进箱了", Action.UNSTOW: "这件拿出箱了",
    }
)  # fmt: skip


class Said(NamedTuple):
    """What a page answers: `kind` is go, wait or bad; `code` is the parcel's or box's, empty when none was read."""

    head: str
    words: str
    kind: str
    code: str


def scan_here(session: Session, actor: Actor, key: str, action: str, code: str, place: str, *, box: str = "") -> Outcome:
    """Keep one scan of a page; the form's key makes a double tap one scan, which is answered as the first was."""
    event = ScanEvent(id=f"web:{actor.user_code}:{key}"[:80], at=clock.now().isoformat(), action=action, code=code, place=place, box=box)
    (outcome,) = record_scans(session, [event], actor=actor)
    if outcome.result != "duplicate":
        return outcome
    wrong = select(Disruption.words).where(
        Disruption.tenant_id == actor.tenant_id, Disruption.kind == "wrong_place", Disruption.subject_code == read_code(code),
        Disruption.cause == event.id, col(Disruption.closed_at).is_(None),
    )  # fmt: skip
    words = session.exec(wrong).first()
    return outcome if words is None else outcome._replace(code="wrong_place", words=words)


def read_code(read: str) -> str:
    """The parcel's or box's code in what a camera read; else empty."""
    return parcel_code(read) or box_code(read)


def find_parcel(session: Session, tenant_id: int, read: str) -> Parcel | None:
    """The parcel in what a camera read."""
    code = parcel_code(read)
    return session.exec(select(Parcel).where(Parcel.tenant_id == tenant_id, Parcel.code == code)).first() if code else None


def holder_of(session: Session, read: str) -> str:
    """Who has the parcel or box now; empty for nobody."""
    if box := box_code(read):
        return session.exec(select(Box.place).where(Box.code == box)).first() or ""
    rows = select(Custody.holder_code).where(Custody.parcel_code == parcel_code(read), col(Custody.ended_at).is_(None))
    return session.exec(rows).first() or ""


def held(session: Session, tenant_id: int, holder: str) -> int:
    """How many parcels somebody answers for now."""
    open_ones = select(func.count()).where(Custody.tenant_id == tenant_id, Custody.holder_code == holder, col(Custody.ended_at).is_(None))
    return int(session.exec(open_ones).one())


def inside(session: Session, tenant_id: int, box: str) -> int:
    """How many parcels lie in a box now."""
    lying = select(func.count()).where(Custody.tenant_id == tenant_id, Custody.box == box, col(Custody.ended_at).is_(None))
    return int(session.exec(lying).one())


def answer(outcome: Outcome, action: str, read: str, *, was_there: bool = False, count: int = 0) -> Said:
    """The answer to one scan. `was_there`: it already was where this scan puts it, so nothing happened; `count`: parcels in the box."""
    _, code = i18n.gettext, read_code(read)
    if outcome.result == "rejected":
        return Said(_("没有收下"), i18n.retold(outcome.words), "bad", code)
    if outcome.code:
        return Said(i18n.retold(outcome.words), _("扫码记下了，调度会看到"), "bad", code)
    if box_code(read):
        return _answer_box(outcome, action, code, was_there=was_there, count=count)
    if outcome.result == "duplicate":
        return Said(_("这件已经扫过"), "", "go", code)
    if was_there:
        words = {Action.LOAD: _("这件早就在车上了"), Action.UNLOAD: _("这件早就卸在这里了")}
        return Said(words.get(Action(action), _("这件已经扫过")), "", "wait", code)
    return Said(_("记下了"), _(DONE.get(action, "")), "wait" if action == Action.LOSE else "go", code)


def _answer_box(outcome: Outcome, action: str, code: str, *, was_there: bool, count: int) -> Said:
    _ = i18n.gettext
    if outcome.result == "duplicate":
        return Said(_("这箱已经扫过"), "", "go", code)
    if was_there and action in (Action.LOAD, Action.UNLOAD):
        return Said(_("这箱早就在车上了") if action == Action.LOAD else _("这箱早就卸在这里了"), "", "wait", code)
    words = {Action.LOAD: _("整箱上了车"), Action.UNLOAD: _("整箱卸下了"), Action.UNSTOW: _("这箱空了")}.get(Action(action), "")
    inside_words = _("里面 %(n)s 件跟着记下了") % {"n": count} if count else _("空箱")
    return Said(words or _("记下了"), "" if action == Action.UNSTOW else inside_words, "go", code)
