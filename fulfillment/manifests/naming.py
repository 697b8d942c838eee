"""Whole boxes named on a manifest: which turnover boxes a group of it rides in, set before it is signed."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from core import clock, i18n
from core.codes import normalise_code
from core.errors import Conflict, Refused
from core.permissions import Actor
from fulfillment.boxes.models import Box
from fulfillment.network.models import Line, StopTime
from fulfillment.network.words import line_words
from fulfillment.timetable.models import Departure

from .models import Manifest, ManifestBox, SignedAs
from .service import Group, boxes_of, groups_of, issue, valid
from .signing import AlreadySigned, ManifestUnknown, ManifestVoid
from .waiting import one_to_sign


class BoxTaken(Conflict):
    """Another manifest has the box at the same time."""

    code = "box_taken"


class BoxElsewhere(Conflict):
    """The box does not stand where it is to be loaded."""

    code = "box_elsewhere"


def name_boxes(session: Session, departure: Departure, stop: int, group: Group, codes: Collection[str]) -> Manifest:
    """The manifest of a stop with these boxes for one group, instead of those it had: a new revision, unless nothing changed.

    Raises Refused before one is issued and for a group or box there is none of, a wrong tier or more boxes than the
    group needs, BoxTaken for one that is on the road elsewhere at that time, ManifestVoid when the group has gone elsewhere meanwhile.
    """
    locked = select(Manifest).where(Manifest.departure_id == departure.id, Manifest.stop == stop, col(Manifest.voided_at).is_(None))
    manifest = session.exec(locked.with_for_update()).first()
    if manifest is None:
        raise Refused("先出交接清单，再写箱号", field="codes")
    need = groups_of(manifest.rows)
    if group not in need:
        raise Refused("清单上没有这一组货", field="codes")
    wanted = list(dict.fromkeys(normalise_code(code) for code in codes))
    if len(wanted) > need[group]:
        raise Refused(i18n.gettext("这一组只要 {n} 个箱").format(n=need[group]), field="codes")
    boxes = _boxes(session, departure.tenant_id, wanted, group[1])
    named = dict(boxes_of(session, [manifest]).get(manifest.id or 0, {}))
    if twice := {code for other, each in named.items() if other != group for code in each} & set(wanted):
        raise Refused(i18n.gettext("{code} 已经写在这张清单的另一组").format(code=min(twice)), field="codes")
    _check_free(session, departure, stop, group[0], boxes)
    issued = issue(session, departure, stops={stop}, naming={stop: {**named, group: wanted}})
    now = next((m for m in issued if m.stop == stop), None)
    if now is None or group not in groups_of(now.rows):
        raise ManifestVoid("清单改过了，这一版作废；请签新的一版")
    return now


def name_standing(session: Session, actor: Actor, code: str, group: Group, codes: Collection[str], *, roles: Sequence[str]) -> Manifest:
    """A station names boxes on what it gives: those that stand there, or are named already. Tapped twice it is named once.

    Raises ManifestUnknown, ManifestVoid, AlreadySigned, BoxElsewhere, and what `name_boxes` does.
    """
    task = next((t for t in one_to_sign(session, actor, code, roles=roles) if t.side.side is SignedAs.GIVEN), None)
    if task is None:
        raise ManifestUnknown("没有这张交接清单，或者它不归你签")
    if task.manifest.voided_at is not None:
        for now in valid(session, task.run.departure):
            if now.stop == task.manifest.stop and _same(boxes_of(session, [now])[now.id or 0].get(group, []), codes):
                return now
        raise ManifestVoid("清单改过了，这一版作废；请签新的一版")
    if task.signed is not None:
        raise AlreadySigned("这张清单你签过了；要改箱号，打电话告诉调度")
    read = {normalise_code(each) for each in codes} - set(task.side.named)
    standing = select(Box.code).where(Box.tenant_id == actor.tenant_id, Box.place == task.side.call.node, col(Box.code).in_(read))
    if away := read - set(session.exec(standing).all()):
        raise BoxElsewhere(i18n.gettext("{code} 不在站里，先扫进来再写").format(code=min(away)[:20]), field="codes")
    return name_boxes(session, task.run.departure, task.manifest.stop, group, codes)


def _same(named: Collection[str], codes: Collection[str]) -> bool:
    return set(named) == {normalise_code(code) for code in codes}


def _boxes(session: Session, tenant_id: int, codes: Sequence[str], tier: str) -> list[Box]:
    """Locked, so that two who name the same box wait for each other."""
    query = select(Box).where(Box.tenant_id == tenant_id, col(Box.code).in_(codes)).order_by(col(Box.id)).with_for_update()
    boxes = list(session.exec(query).all())
    if missing := set(codes) - {box.code for box in boxes}:
        raise Refused(i18n.gettext("没有 {code} 这个周转箱").format(code=min(missing)[:20]), field="codes")
    if wrong := [box.code for box in boxes if box.tier != tier]:
        raise Refused(i18n.gettext("{code} 的温层不对").format(code=wrong[0]), field="codes")
    return boxes


def _check_free(session: Session, departure: Departure, stop: int, alight: int, boxes: Sequence[Box]) -> None:
    """No box is named for two rides that overlap."""
    board, off = aliased(StopTime), aliased(StopTime)
    query = (
        sql_select(
            col(Box.code), col(Line.number), col(Line.kind), col(Departure.id), col(Departure.service_date),
            col(Departure.delay_min), col(board.dep_min), col(off.arr_min), col(Manifest.stop),
        )
        .join_from(ManifestBox, Manifest, col(Manifest.id) == col(ManifestBox.manifest_id))
        .join(Box, col(Box.id) == col(ManifestBox.box_id))
        .join(Departure, col(Departure.id) == col(Manifest.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(board, (col(board.trip_id) == col(Departure.trip_id)) & (col(board.position) == col(Manifest.stop)))
        .join(off, (col(off.trip_id) == col(Departure.trip_id)) & (col(off.position) == col(ManifestBox.alight)))
        .where(
            col(ManifestBox.box_id).in_([box.id for box in boxes]), col(Manifest.voided_at).is_(None),
            col(Departure.service_date).between(departure.service_date - timedelta(days=1), departure.service_date + timedelta(days=1)),
        )
    )  # fmt: skip
    mine = _times(session, departure, stop, alight)
    for code, line, kind, other, day, delay, leaves, arrives, at_stop in session.execute(query):
        begins, ends = clock.on(day, leaves + delay), clock.on(day, arrives + delay)
        if (other, at_stop) != (departure.id, stop) and begins < mine[1] and mine[0] < ends:
            raise BoxTaken(i18n.gettext("{code} 那时在别的清单上：{line}").format(code=code, line=line_words(line, kind)), field="codes")


def _times(session: Session, departure: Departure, stop: int, alight: int) -> tuple[datetime, datetime]:
    query = sql_select(col(StopTime.position), col(StopTime.arr_min), col(StopTime.dep_min)).where(
        col(StopTime.trip_id) == departure.trip_id, col(StopTime.position).in_((stop, alight))
    )
    minutes = {position: (arr, dep) for position, arr, dep in session.execute(query)}
    day, late = departure.service_date, departure.delay_min
    return clock.on(day, minutes[stop][1] + late), clock.on(day, minutes[alight][0] + late)
