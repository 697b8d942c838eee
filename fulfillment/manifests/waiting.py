"""What somebody has to sign: the manifests of the runs about now that they give, take or take over, and what was signed of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core.auth.models import User
from core.permissions import Actor
from fulfillment.boxes.models import Box
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.custody.models import Custody
from fulfillment.timetable.board import Call, Run, runs_named
from fulfillment.timetable.models import Departure, DepartureStatus

from .models import Manifest, ManifestSignature, SignedAs
from .pending import runs_about_now
from .service import boxes_of, groups_of, handed_over
from .sides import ALL, Reach, Side, reach_of, sides_of
from .signing import LEFT, ManifestUnknown, Signed


class ToSign(NamedTuple):
    """One side of one manifest; `signed` once it is, `others` what the other sides of this revision said."""

    run: Run
    manifest: Manifest
    side: Side
    signed: Signed | None
    others: Sequence[Signed]
    before: Sequence[Signed]  # this side's of void revisions, while the present one is not signed

    @property
    def is_due(self) -> bool:
        """Whether it can be signed now."""
        late = self.manifest.voided_at is not None
        return not late and (self.side.side is not SignedAs.RECEIVED or self.run.departure.status in LEFT)


class Since(NamedTuple):
    """What changed for a side since it was signed: codes of parcels and named boxes that came to it, and that left it."""

    revision: int
    more: Sequence[str]
    less: Sequence[str]


class Listed(NamedTuple):
    """A parcel of a side; `to` is a city and district, `seen` that a scan says it was here."""

    code: str
    alight: int
    grams: int
    to: str
    box: str
    seen: bool


class ToName(NamedTuple):
    """What goes to one stop in one tier: whole boxes needed, those named, and others of the tier that stand here."""

    alight: Call
    tier: str
    need: int
    named: Sequence[str]
    free: Sequence[str]


def signatures_of(session: Session, departures: Collection[int]) -> dict[int, list[Signed]]:
    """All signatures of these departures' manifests, void revisions too, by departure in the order they were made; one query."""
    query = (
        sql_select(ManifestSignature, col(Manifest.departure_id), col(User.name), col(Manifest.revision), col(Manifest.stop))
        .join(Manifest, col(Manifest.id) == col(ManifestSignature.manifest_id))
        .outerjoin(User, col(User.code) == col(ManifestSignature.by))
        .where(col(Manifest.departure_id).in_(departures))
        .order_by(col(ManifestSignature.signed_at), col(ManifestSignature.id))
    )
    found: dict[int, list[Signed]] = defaultdict(list)
    for row, departure, name, revision, board in session.execute(query) if departures else ():
        found[departure].append(Signed(row, name or row.by, row.signed_revision or revision, board))
    return found


class Page(NamedTuple):
    """Of some runs all that the caller signs, unsigned first, then by time; `following` is the cursor of the next runs."""

    tasks: Sequence[ToSign]
    following: str | None


def to_sign(
    session: Session, actor: Actor, *, roles: Sequence[str] = ALL, run: str = "", at: str = "", cursor: str | None = None
) -> Page:  # fmt: skip
    """What the caller signs at their stations (or the one `at`), hubs and lines; of one departure if `run` is given.

    Raises Refused for a cursor that is not ours.
    """
    reach = reach_of(session, actor, roles)
    reach = reach._replace(nodes=reach.nodes & {at}) if at else reach
    holding = select(Manifest, Departure.code).join(Departure, col(Departure.id) == col(Manifest.departure_id))
    holding = holding.where(
        Manifest.tenant_id == actor.tenant_id, col(Manifest.voided_at).is_(None), Departure.status != DepartureStatus.CANCELLED
    )
    if not reach.nodes and not reach.lines:
        return Page([], None)
    following = None
    if run:
        holding = holding.where(Departure.code == run)
    else:
        departures, following = runs_about_now(session, actor.tenant_id, reach, cursor)
        holding = holding.where(col(Manifest.departure_id).in_(departures))
    found = _read(session, actor.tenant_id, session.exec(holding.order_by(col(Manifest.id))).all(), reach)
    return Page(sorted(found, key=lambda t: (t.signed is not None, t.side.call.leaves_at, t.manifest.id or 0)), following)


def one_to_sign(session: Session, actor: Actor, code: str, *, roles: Sequence[str] = ALL) -> list[ToSign]:
    """The caller's sides of one manifest, whether it holds or not. Raises ManifestUnknown."""
    reach = reach_of(session, actor, roles)
    asked = select(Manifest, Departure.code).join(Departure, col(Departure.id) == col(Manifest.departure_id))
    rows = session.exec(asked.where(Manifest.tenant_id == actor.tenant_id, Manifest.code == code)).all()
    found = _read(session, actor.tenant_id, rows, reach)
    if not found:
        raise ManifestUnknown("没有这张交接清单，或者它不归你签")
    return found


def _read(session: Session, tenant_id: int, rows: Sequence[tuple[Manifest, str]], reach: Reach) -> list[ToSign]:
    runs = {r.departure.id: r for r in runs_named(session, tenant_id, {code for _, code in rows})} if rows else {}
    named = boxes_of(session, [m for m, _ in rows]) if rows else {}
    signed = signatures_of(session, {m.departure_id for m, _ in rows})
    found = []
    for manifest, _ in rows:
        run, here = runs[manifest.departure_id], [s for s in signed[manifest.departure_id] if s.board == manifest.stop]
        mine = [s for s in here if s.row.manifest_id == manifest.id]
        for side in sides_of(run, manifest, named.get(manifest.id or 0, {}), reach):
            own = next((s for s in mine if s.key == side.key), None)
            others = [s for s in mine if s is not own and (s.row.side != "received" or s.row.stop == side.call.position)]
            before = [] if own else [s for s in here if s.key == side.key and s.revision < manifest.revision and not s.row.signed_revision]
            found.append(ToSign(run, manifest, side, own, others, before))
    return found


def changed_since(session: Session, task: ToSign) -> Since | None:
    """Against the revision that this side signed last; None where it signed none. Two queries where it did."""
    if not task.before:
        return None
    word, (side, stop) = task.before[-1], task.side.key
    signed = session.get_one(Manifest, word.row.manifest_id)
    was = handed_over(signed.rows, boxes_of(session, [signed]).get(signed.id or 0, {}), side, stop)
    now = handed_over(task.side.rows, task.side.boxes, side, stop)
    more, less = (now.parcels - was.parcels) | (now.boxes - was.boxes), (was.parcels - now.parcels) | (was.boxes - now.boxes)
    return Since(word.revision, sorted(more), sorted(less))


def listed(session: Session, task: ToSign) -> list[Listed]:
    """The parcels of a side, each with the box it lies in and whether it was scanned here; two queries."""
    codes = [row[0] for row in task.side.rows]
    query = sql_select(col(Parcel.code), col(Consignment.city), col(Consignment.district))
    goes = query.join(Consignment, col(Consignment.id) == col(Parcel.consignment_id)).where(col(Parcel.code).in_(codes))
    to: Mapping[str, str] = {code: f"{city}{district}" for code, city, district in session.execute(goes)}
    aboard, node = task.run.departure.code, task.side.call.node
    here = {SignedAs.GIVEN: {aboard, node}, SignedAs.TAKEN: {aboard}, SignedAs.RECEIVED: {node}}[task.side.side]
    held = select(Custody.parcel_code, Custody.holder_code, Custody.box).where(col(Custody.parcel_code).in_(codes))
    seen, boxes = set(), {}
    for code, holder, box in session.exec(held.order_by(col(Custody.began_at), col(Custody.id))):
        boxes[code] = box
        if holder in here:
            seen.add(code)
    return [Listed(row[0], row[1], row[3], to.get(row[0], ""), boxes.get(row[0], ""), row[0] in seen) for row in task.side.rows]


def groups_to_name(session: Session, task: ToSign, limit: int = 200) -> list[ToName]:
    """The groups of a manifest, for who names boxes where they are loaded; two queries."""
    named = boxes_of(session, [task.manifest]).get(task.manifest.id or 0, {})
    query = select(Box.code, Box.tier).where(Box.tenant_id == task.manifest.tenant_id, Box.place == task.side.call.node)
    standing = session.exec(query.order_by(col(Box.id)).limit(limit)).all()
    return [
        ToName(
            task.run.call(alight), tier, need, named.get((alight, tier), []),
            [code for code, cold in standing if cold == tier and code not in task.side.named],
        )
        for (alight, tier), need in groups_of(task.side.rows).items()
    ]  # fmt: skip
