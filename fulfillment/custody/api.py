"""/api/v1/scans, /api/v1/devices – uploads of scanners, and the scanners themselves."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlmodel import select
from starlette.responses import Response

from core import audit, clock
from core.auth.models import Device
from core.auth.service import hash_token
from core.codes import new_code, new_token
from core.db import Write
from core.errors import Forbidden, NotFound
from core.moments import Here
from core.permissions import STAFF, Actor, Scanner, SignedIn
from core.text import Told
from core.web.bodies import LARGEST_BODIES
from core.web.refusals import refusals

from .api_shapes import ScannerToken, ScanOutcome, ScanOutcomes
from .service import record_scans
from .upload import Outcome, ScanEvent

router = APIRouter(prefix="/api/v1", tags=["scans"])
LASTS = timedelta(days=90)
LARGEST_BODIES["/api/v1/scans"] = 2_000_000  # five hundred events of a hub that was long without a network


class ScanUpload(BaseModel):
    """`sent_at` is the device's own clock at sending: with it a wrong clock is corrected exactly."""

    model_config = {"extra": "forbid", "strict": True}

    events: Annotated[list[ScanEvent], Field(min_length=1, max_length=10_000, description="At most 500 are taken at once.")]
    sent_at: Here | None = None


class NewDevice(BaseModel):
    """What its owner calls it."""

    model_config = {"extra": "forbid", "strict": True}

    name: Annotated[Told, Field(min_length=1, max_length=60)]


class DeviceUnknown(NotFound):
    """No such scanner, or it is not the caller's to close."""

    code = "device_unknown"


@router.post("/scans", responses=refusals(Forbidden))
def upload_scans(body: ScanUpload, session: Write, actor: Scanner) -> ScanOutcomes:
    """At most 500 events, kept once each in any order; every event is answered accepted, duplicate or rejected with a code."""
    outcomes = record_scans(session, body.events, actor=_scanner(actor), sent_at=body.sent_at)
    return {"items": [_told(outcome) for outcome in outcomes]}


def _told(outcome: Outcome) -> ScanOutcome:
    if not outcome.code:
        return {"id": outcome.id, "result": outcome.result}
    return {"id": outcome.id, "result": outcome.result, "code": outcome.code, "detail": outcome.words}


def _scanner(actor: Actor) -> Actor:
    if not actor.roles & STAFF:
        raise Forbidden("只有县里的工作人员可以扫码交接")
    return actor


@router.post("/devices", status_code=201, responses=refusals(Forbidden))
def register_device(body: NewDevice, session: Write, actor: SignedIn) -> ScannerToken:
    """A token for one scanner: it may upload scans for its owner and nothing else, for 90 days. Shown once."""
    _scanner(actor)
    now, token = clock.now(), new_token() + new_token()
    device = Device(
        tenant_id=actor.tenant_id, code=new_code("DV"), name=body.name, user_id=actor.user_id or 0, token_hash=hash_token(token),
        created_at=now, expires_at=now + LASTS,
    )  # fmt: skip
    session.add(device)
    audit.record(session, "device.register", tenant_id=actor.tenant_id, actor=actor.user_code, subject=device.code)
    return {"device": device.code, "token": token}


@router.delete("/devices/{code}", status_code=204, responses=refusals(DeviceUnknown))
def revoke_device(code: Annotated[str, Path(description="The scanner's code.")], session: Write, actor: SignedIn) -> Response:
    """Close a scanner: one's own, or any of the county's for a dispatcher or admin. Twice is once."""
    device = session.exec(select(Device).where(Device.tenant_id == actor.tenant_id, Device.code == code).with_for_update()).first()
    if device is None or (device.user_id != actor.user_id and not actor.has("dispatcher", "admin")):
        raise DeviceUnknown("没有这台设备")
    if device.revoked_at is None:
        device.revoked_at = clock.now()
        session.add(device)
        audit.record(session, "device.revoke", tenant_id=actor.tenant_id, actor=actor.user_code, subject=device.code)
    return Response(status_code=204)
