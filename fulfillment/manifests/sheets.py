"""A departure's manifests as people read them: each group with its boxes, each parcel with the box it lies in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session, col, or_, select

from fulfillment.boxes.models import Box
from fulfillment.custody.models import Custody
from fulfillment.timetable.board import Call, Run

from .models import Manifest
from .service import boxes_of, groups_of, valid
from .signing import Signed
from .waiting import signatures_of


class Packed(NamedTuple):
    """What of one manifest goes to one stop in one tier: `need` whole boxes, those `named` for it, and others that hold some of it."""

    alight: Call
    tier: str
    need: int
    named: Sequence[str]
    used: Sequence[str]
    free: Sequence[str]  # boxes of the tier that stand where it boards and are named for nothing here


class Sheet(NamedTuple):
    """`lies_in` is the box of a parcel, where it lies in one now or rode in one on this departure. `before` are the signatures of
    revisions that are void and do not stand on this one too."""

    manifest: Manifest
    call: Call
    groups: Sequence[Packed]
    lies_in: Mapping[str, str]
    signed: Sequence[Signed]
    before: Sequence[Signed]


def sheets_of(session: Session, run: Run) -> list[Sheet]:
    """The valid manifests of a run by stop; five queries however many."""
    manifests = valid(session, run.departure)
    named = boxes_of(session, manifests) if manifests else {}
    lies_in = _boxes_of_parcels(session, run, [row[0] for m in manifests for row in m.rows])
    standing = _standing(session, run, manifests)
    signed = signatures_of(session, [run.departure.id or 0] if manifests else []).get(run.departure.id or 0, ())
    return [_sheet(run, m, named.get(m.id or 0, {}), lies_in, standing, signed) for m in manifests]


def _sheet(
    run: Run, manifest: Manifest, named: Mapping[tuple[int, str], Sequence[str]], lies_in: Mapping[str, str],
    standing: Mapping[tuple[str, str], Sequence[str]], signed: Sequence[Signed],
) -> Sheet:  # fmt: skip
    call = run.call(manifest.stop)
    taken = {code for codes in named.values() for code in codes}
    groups = []
    for (alight, tier), need in groups_of(manifest.rows).items():
        mine = list(named.get((alight, tier), ()))
        lying = {lies_in[code] for code, to, cold, *_ in manifest.rows if (to, cold) == (alight, tier) and code in lies_in}
        free = [code for code in standing.get((call.node, tier), ()) if code not in taken]
        groups.append(Packed(run.call(alight), tier, need, mine, sorted(lying - set(mine)), free))
    here = [s for s in signed if s.board == manifest.stop]
    holds = [s for s in here if s.row.manifest_id == manifest.id]
    stands = {(s.key, s.revision) for s in holds}
    before = [s for s in here if s not in holds and not s.row.signed_revision and (s.key, s.revision) not in stands]
    return Sheet(
        manifest, call, groups, {code: lies_in[code] for code, *_ in manifest.rows if code in lies_in},
        holds, before,
    )  # fmt: skip


def _boxes_of_parcels(session: Session, run: Run, parcels: Sequence[str]) -> dict[str, str]:
    here = or_(col(Custody.ended_at).is_(None), col(Custody.holder_code) == run.departure.code)
    query = select(Custody.parcel_code, Custody.box).where(col(Custody.parcel_code).in_(parcels), Custody.box != "", here)
    return dict(session.exec(query.order_by(col(Custody.began_at), col(Custody.id))).all()) if parcels else {}


def _standing(session: Session, run: Run, manifests: Sequence[Manifest], limit: int = 200) -> dict[tuple[str, str], list[str]]:
    nodes = {run.call(m.stop).node for m in manifests}
    query = select(Box.place, Box.tier, Box.code).where(Box.tenant_id == run.departure.tenant_id, col(Box.place).in_(nodes))
    found: dict[tuple[str, str], list[str]] = {}
    for place, tier, code in session.exec(query.order_by(col(Box.id)).limit(limit)) if nodes else ():
        found.setdefault((place, tier), []).append(code)
    return found
