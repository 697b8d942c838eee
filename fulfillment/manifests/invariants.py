"""I14: a manifest never changes after it was issued; corrections are revisions."""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from core.checks import keeps_numbers_closed
from core.invariants import invariant, rule
from fulfillment.boxes.models import Box
from fulfillment.custody.upload import parcel_code

from .models import Manifest, ManifestBox, ManifestSignature, SignedAs
from .service import Group, boxes_of, digest, groups_of


@invariant("I14", "a manifest's digest is that of its rows and named boxes", tables=("manifest", "manifest_box"))
def digests_hold(session: Session) -> Iterable[str]:
    manifests = session.exec(select(Manifest).order_by(col(Manifest.id))).all()
    boxes = _named(session)
    return [m.code for m in manifests if digest(m.rows, boxes.get(m.id or 0)) != m.digest]


@invariant("I14", "a manifest names no more boxes than its groups need, each of their tier", tables=("manifest", "manifest_box", "box"))
def boxes_fit(session: Session) -> Iterable[str]:
    tiers = dict(session.exec(select(Box.code, Box.tier)).all())
    named = _named(session)
    for m in session.exec(select(Manifest).where(col(Manifest.id).in_(named))).all():
        need = groups_of(m.rows)
        for (alight, tier), codes in named[m.id or 0].items():
            if len(codes) > need.get((alight, tier), 0) or any(tiers[code] != tier for code in codes):
                yield f"{m.code}: {len(codes)} {tier} to stop {alight}"


def _named(session: Session) -> dict[int, dict[Group, list[str]]]:
    return boxes_of(session, session.exec(select(Manifest).where(col(Manifest.id).in_(select(ManifestBox.manifest_id)))).all())


@invariant("I14", "one manifest at most is valid at a departure's stop", tables=("manifest",))
def one_valid(session: Session) -> Iterable[str]:
    at_stop = (col(Manifest.departure_id), col(Manifest.stop))
    twice = select(func.min(Manifest.code)).where(col(Manifest.voided_at).is_(None)).group_by(*at_stop).having(func.count() > 1)
    return [str(code) for code in session.exec(twice).all()]


@invariant(
    "I14", "a signature counts what its manifest lists, without the missing, with the extra", tables=("manifest", "manifest_signature")
)
def signatures_count(session: Session) -> Iterable[str]:
    for s, m in session.exec(select(ManifestSignature, Manifest).join(Manifest, col(Manifest.id) == col(ManifestSignature.manifest_id))):
        listed = {row[0] for row in m.rows if s.side != SignedAs.RECEIVED or row[1] == s.stop}
        there = len(listed) - len(listed & set(s.missing)) + sum(bool(parcel_code(code)) for code in s.extra)
        if there != s.parcels:
            yield f"{m.code} {s.side}: {s.parcels}"


rule(
    "I14",
    "a signature that goes on was made on an earlier revision of the same stop, word for word",
    broken="""
    SELECT m.code FROM manifest_signature s
    JOIN manifest m ON m.id = s.manifest_id
    WHERE s.signed_revision IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM manifest_signature first
        JOIN manifest signed ON signed.id = first.manifest_id
        WHERE signed.departure_id = m.departure_id AND signed.stop = m.stop AND signed.revision = s.signed_revision
        AND signed.revision < m.revision AND first.signed_revision IS NULL AND first.side = s.side AND first.stop = s.stop
        AND first."by" = s."by" AND first.signed_at = s.signed_at AND first.parcels = s.parcels
    )
    """,
)
keeps_numbers_closed(Manifest, "rows")
keeps_numbers_closed(ManifestSignature, "reason")
