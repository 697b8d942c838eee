"""/api/v1/departures/{id}/manifests, /api/v1/manifests – what is handed over at each stop, the boxes it rides in, who signed for it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core import clock
from core.db import Read, Write
from core.errors import Refused
from core.idempotency import KeyHeader, once
from core.paging import Cursor
from core.permissions import Actor, allow
from core.web.refusals import refusals
from fulfillment.timetable.board import find_run
from fulfillment.timetable.service import DepartureUnknown

from .api_shapes import ManifestGroup, ManifestNamed, Manifests, ManifestSide, ManifestSides, ManifestSigned, OneManifest
from .models import Manifest, SignedAs
from .naming import BoxElsewhere, BoxTaken, name_standing
from .service import Group, boxes_of, groups_of
from .sheets import Sheet, sheets_of
from .sides import ALL, KEEPERS
from .signing import MOST_EXTRA, AlreadySigned, ManifestUnknown, ManifestVoid, NotLeftYet, Signed, Word, sign
from .waiting import ToSign, to_sign

router = APIRouter(prefix="/api/v1", tags=["departures"])
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
Signer = Annotated[Actor, Depends(allow(*ALL))]
Keeper = Annotated[Actor, Depends(allow(*KEEPERS))]
Found = Annotated[str, Field(min_length=1, max_length=80)]


class NewSignature(BaseModel):
    """One side as it was found. Without `side` it is the caller's first that is not signed."""

    model_config = {"extra": "forbid", "strict": True}

    side: Annotated[SignedAs | None, Field(strict=False, description="given, taken or received.")] = None
    stop: Annotated[int | None, Field(ge=0, le=10_000, description="Position of the stop, where `received` may be several.")] = None
    missing: Annotated[list[Found], Field(max_length=5_000, description="Parcels or boxes that are listed and not there.")] = []
    extra: Annotated[list[Found], Field(max_length=MOST_EXTRA, description="Parcels or boxes that are there and not listed.")] = []
    reason: Annotated[str, Field(max_length=200, description="Needed with a difference.")] = ""


class NewBoxNames(BaseModel):
    """The boxes of one group, instead of those that were named for it; none takes them off again."""

    model_config = {"extra": "forbid", "strict": True}

    alight: Annotated[int, Field(ge=0, le=10_000, description="Position of the stop the group is for.")]
    tier: Annotated[str, Field(min_length=1, max_length=20, description="ambient, chilled or frozen.")]
    boxes: Annotated[list[Found], Field(max_length=200, description="Codes of turnover boxes that stand at the station.")]


@router.get("/departures/{code}/manifests", responses=refusals(DepartureUnknown))
def read_manifests(code: Annotated[str, Path(description="The departure's code.")], session: Read, actor: Reader) -> Manifests:
    """The valid manifests of one departure: their parcels, the boxes named for each group, the box each parcel lies in, the signatures."""
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    return {"departure": code, "items": [_told(sheet) for sheet in sheets_of(session, run)]}


@router.get("/manifests", responses=refusals(Refused))
def list_manifests(session: Read, actor: Signer, cursor: Cursor = None) -> ManifestSides:
    """What the caller gives, takes or takes over about now: at their stations, at the hub where they work, on the lines they drive.

    A page is of forty runs; those with something to sign come first.
    """
    shown = to_sign(session, actor, cursor=cursor)
    return {"items": [_side(task) for task in shown.tasks], "next": shown.following}


@router.post(
    "/manifests/{code}/signatures", status_code=201, responses=refusals(ManifestUnknown, AlreadySigned, ManifestVoid, NotLeftYet, Refused)
)
def create_signature(
    code: Annotated[str, Path(description="The manifest's code.")], body: NewSignature, session: Write, actor: Signer, key: KeyHeader = None
) -> ManifestSigned:
    """Sign for what is given, taken or taken over, with what is missing or too much. The same again is the first one's answer."""

    def work() -> tuple[int, dict[str, Any]]:
        word = Word(body.side or "", body.stop, body.missing, body.extra, body.reason)
        return 201, dict(_signed(sign(session, actor, code, word)))

    sent, route = body.model_dump_json().encode(), f"POST /api/v1/manifests/{code}/signatures"
    answer = once(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key, body=sent, work=work)[1]
    return cast(ManifestSigned, answer)


@router.post("/manifests/{code}/boxes", responses=refusals(ManifestUnknown, ManifestVoid, AlreadySigned, BoxElsewhere, BoxTaken, Refused))
def name_manifest_boxes(
    code: Annotated[str, Path(description="The manifest's code.")], body: NewBoxNames, session: Write, actor: Keeper, key: KeyHeader = None
) -> ManifestNamed:
    """A station names the boxes that stand there for one group of what it gives: a new revision, unless they are named already."""

    def work() -> tuple[int, dict[str, Any]]:
        manifest = name_standing(session, actor, code, (body.alight, body.tier), body.boxes, roles=KEEPERS)
        return 200, dict(_named(manifest, boxes_of(session, [manifest]).get(manifest.id or 0, {})))

    sent, route = body.model_dump_json().encode(), f"POST /api/v1/manifests/{code}/boxes"
    answer = once(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key, body=sent, work=work)[1]
    return cast(ManifestNamed, answer)


def _named(manifest: Manifest, named: Mapping[Group, Sequence[str]]) -> ManifestNamed:
    return {"code": manifest.code, "stop": manifest.stop, "revision": manifest.revision, "groups": _groups(manifest.rows, named)}


def _groups(rows: Sequence[Any], named: Mapping[Group, Sequence[str]]) -> list[ManifestGroup]:
    return [
        {"alight": alight, "tier": tier, "boxes": need, "named": list(named.get((alight, tier), ()))}
        for (alight, tier), need in groups_of(rows).items()
    ]


def _signed(signed: Signed) -> ManifestSigned:
    row = signed.row
    return {
        "side": row.side, "stop": row.stop, "revision": signed.revision, "by": signed.name, "at": clock.local(row.signed_at).isoformat(),
        "parcels": row.parcels, "boxes": row.boxes, "missing": list(row.missing), "extra": list(row.extra), "reason": row.reason,
    }  # fmt: skip


def _side(task: ToSign) -> ManifestSide:
    m, side = task.manifest, task.side
    return {
        "code": m.code, "departure": task.run.departure.code, "line": task.run.line.number, "revision": m.revision, "side": side.side.value,
        "stop": side.call.position, "node": side.call.node, "at": clock.local(side.call.leaves_at), "due": task.is_due, "boxes": side.need,
        "named": side.named, "groups": _groups(side.rows, side.boxes),
        "parcels": [row[0] for row in side.rows], "signature": _signed(task.signed) if task.signed else None,
    }  # fmt: skip


def _told(sheet: Sheet) -> OneManifest:
    m = sheet.manifest
    return {
        "code": m.code, "stop": m.stop, "node": sheet.call.node, "revision": m.revision, "issued_at": clock.local(m.issued_at),
        "digest": m.digest,
        "groups": [{"alight": g.alight.position, "tier": g.tier, "boxes": g.need, "named": list(g.named)} for g in sheet.groups],
        "parcels": [
            {"code": code, "alight": alight, "tier": tier, "g": grams, "box_milli": milli, "box": sheet.lies_in.get(code)}
            for code, alight, tier, grams, milli in m.rows
        ],
        "signatures": [_signed(s) for s in sheet.signed], "earlier_signatures": [_signed(s) for s in sheet.before],
    }  # fmt: skip
