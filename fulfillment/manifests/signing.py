"""A manifest is signed where it is handed over. What is missing or too much is written with it, and the dispatcher sees it.

Only the revision that holds is signed, and each side of it once: the first signature stands, the same again is its answer. A later
revision that changes nothing for a side keeps its signature (.service).
"""

from collections.abc import Sequence, Set
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock, i18n
from core.errors import Conflict, NotFound, Refused
from core.permissions import Actor
from core.pii import mask_numbers
from core.text import clean
from fulfillment.boxes.models import Box
from fulfillment.consignments.models import Parcel
from fulfillment.custody.upload import box_code, parcel_code
from fulfillment.disruptions.service import open_disruption
from fulfillment.timetable.board import find_run
from fulfillment.timetable.models import Departure, DepartureStatus

from .models import Manifest, ManifestSignature, SignedAs
from .service import boxes_of
from .sides import ALL, Side, reach_of, sides_of

LEFT = (DepartureStatus.DEPARTED, DepartureStatus.ARRIVED)
MISSING, EXTRA = i18n.kept("{place}交接时少了这件：{reason}"), i18n.kept("{place}交接时多出这件：{reason}")
MOST_EXTRA, LONGEST_REASON = 50, 200


class ManifestUnknown(NotFound):
    """No such manifest, or nothing of it is the caller's to give or take."""

    code = "manifest_unknown"


class ManifestVoid(Conflict):
    """The load has changed since: the revision that holds now is to be signed."""

    code = "manifest_void"


class AlreadySigned(Conflict):
    """This side has been signed already, by somebody else or with other words."""

    code = "manifest_signed"


class NotLeftYet(Conflict):
    """Nothing is taken over from a departure that has not left."""

    code = "departure_not_left"


class Word(NamedTuple):
    """What somebody says of one side: without `side` it is their first that is not signed yet."""

    side: str = ""
    stop: int | None = None
    missing: Sequence[str] = ()
    extra: Sequence[str] = ()
    reason: str = ""


class Signed(NamedTuple):
    """A signature and whose it is; which revision of which boarding stop was signed."""

    row: ManifestSignature
    name: str
    revision: int
    board: int

    @property
    def key(self) -> tuple[str, int]:
        return self.row.side, self.row.stop

    @property
    def differs(self) -> bool:
        return bool(self.row.missing or self.row.extra)


def sign(session: Session, actor: Actor, code: str, word: Word, *, roles: Sequence[str] = ALL) -> Signed:
    """Sign one side of a manifest by its code.

    Raises ManifestUnknown, AlreadySigned, ManifestVoid, NotLeftYet, and Refused for a side that is not the caller's, for codes that
    are not on the manifest (missing) or are (extra), and for a difference without a reason.
    """
    locked = select(Manifest).where(Manifest.tenant_id == actor.tenant_id, Manifest.code == code).with_for_update()
    manifest = session.exec(locked, execution_options={"populate_existing": True}).first()
    departure = session.get_one(Departure, manifest.departure_id) if manifest is not None else None
    run = find_run(session, actor.tenant_id, departure.code) if departure is not None else None
    if manifest is None or run is None:
        raise ManifestUnknown("没有这张交接清单，或者它不归你签")
    sides = sides_of(run, manifest, boxes_of(session, [manifest]).get(manifest.id or 0, {}), reach_of(session, actor, roles))
    if not sides:
        raise ManifestUnknown("没有这张交接清单，或者它不归你签")
    rows = session.exec(select(ManifestSignature).where(ManifestSignature.manifest_id == manifest.id)).all()
    done = {(row.side, row.stop): row for row in rows}
    side = _chosen(sides, word, done.keys())
    said = _read(session, actor, side, word)
    if (before := done.get(side.key)) is not None:
        if (before.by, before.missing, before.extra, before.reason) == (actor.user_code, said.missing, said.extra, said.reason):
            return Signed(before, actor.name, before.signed_revision or manifest.revision, manifest.stop)
        raise AlreadySigned("这一头已经签过；有出入的，打电话告诉调度")
    if manifest.voided_at is not None:
        raise ManifestVoid("清单改过了，这一版作废；请签新的一版")
    if side.side is SignedAs.RECEIVED and run.departure.status not in LEFT:
        raise NotLeftYet("这班车还没开，到了再签")
    signature = ManifestSignature(
        tenant_id=actor.tenant_id, manifest_id=manifest.id or 0, side=side.side.value, stop=side.call.position, by=actor.user_code,
        signed_at=clock.now(), parcels=len(side.rows) - _parcels(said.missing) + _parcels(said.extra),
        boxes=max(0, side.need - _boxes(said.missing) + _boxes(said.extra)), missing=list(said.missing), extra=list(said.extra),
        reason=said.reason,
    )  # fmt: skip
    session.add(signature)
    _tell(session, run.departure, side, said)
    session.flush()
    return Signed(signature, actor.name, manifest.revision, manifest.stop)


def _chosen(sides: Sequence[Side], word: Word, done: Set[tuple[str, int]]) -> Side:
    if word.side:
        mine = [s for s in sides if s.side == word.side and word.stop in (None, s.call.position)]
    else:
        mine = [s for s in sides if s.key not in done] or list(sides)
    if not mine:
        raise Refused("这一头不归你签", field="side")
    return mine[0]


def _read(session: Session, actor: Actor, side: Side, word: Word) -> Word:
    """The same in codes and clean words, each code once."""
    missing = sorted({parcel_code(read) or box_code(read) or read.strip() for read in word.missing if read.strip()})
    extra = sorted({parcel_code(read) or box_code(read) or read.strip() for read in word.extra if read.strip()})
    reason = mask_numbers(clean(word.reason))[:LONGEST_REASON]
    if strange := [code for code in missing if code not in side.codes]:
        raise Refused(i18n.gettext("清单上没有 {code}").format(code=strange[0][:20]), field="missing")
    if listed := [code for code in extra if code in side.codes]:
        raise Refused(i18n.gettext("{code} 就在清单上，不算多出来").format(code=listed[0]), field="extra")
    if len(extra) > MOST_EXTRA:
        raise Refused("多出来的太多，请打电话给调度", field="extra")
    if extra:
        known = set(session.exec(select(Parcel.code).where(Parcel.tenant_id == actor.tenant_id, col(Parcel.code).in_(extra))).all())
        known |= set(session.exec(select(Box.code).where(Box.tenant_id == actor.tenant_id, col(Box.code).in_(extra))).all())
        if unknown := [code for code in extra if code not in known]:
            raise Refused(i18n.gettext("没有 {code} 这个包裹或周转箱").format(code=unknown[0][:20]), field="extra")
    if (missing or extra) and len(reason) < 2:
        raise Refused("少了或多了，要写一句为什么", field="reason")
    return Word(word.side, word.stop, missing, extra, reason)


def _tell(session: Session, departure: Departure, side: Side, said: Word) -> None:
    """One exception a parcel or box of this departure, whoever of the sides misses it; a later scan of it may explain it."""
    for kind, codes, words in (("missing", said.missing, MISSING), ("wrong_place", said.extra, EXTRA)):
        for code in codes:
            open_disruption(
                session, kind, tenant_id=departure.tenant_id, subject_kind="parcel" if parcel_code(code) else "box", subject_code=code,
                cause=f"signed:{departure.code}", words=words.format(place=side.call.name, reason=said.reason),
            )  # fmt: skip


def _parcels(codes: Sequence[str]) -> int:
    return sum(bool(parcel_code(code)) for code in codes)


def _boxes(codes: Sequence[str]) -> int:
    return len(codes) - _parcels(codes)
