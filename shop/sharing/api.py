"""/api/v1/settlements/{code}/shares – a run's shares settled, read, ended; the royalty list."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session

from core.db import Read, Write
from core.paging import Cursor, Limit
from core.permissions import Actor, allow
from core.web.refusals import refusals
from fulfillment.settlement.api import Code, Finance
from fulfillment.settlement.models import SettlementRun
from fulfillment.settlement.service import RunUnknown, run_named
from supply.counties.deps import CurrentCounty

from . import files, queries, service
from .api_shapes import RoyaltyList, RunShares

router = APIRouter(prefix="/api/v1/settlements/{code}/shares", tags=["income"])
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]


@router.get("", responses=refusals(RunUnknown))
def read_shares(code: Code, session: Read, actor: Reader, cursor: Cursor = None, limit: Limit = 50) -> RunShares:
    """Part by part, as they were settled."""
    return _told(session, run_named(session, code, tenant_id=actor.tenant_id), cursor, limit)


@router.post("", responses=refusals(RunUnknown, service.CannotShare))
def share_run(code: Code, session: Write, actor: Finance, county: CurrentCounty) -> RunShares:
    """Share an approved run out of its buyers' payments, once; again, only what no worker tries any more is tried anew."""
    run = run_named(session, code, tenant_id=actor.tenant_id)
    service.share_out(session, county, run, by=actor.user_code)
    return _told(session, run, None, 50)


@router.post("/ending", responses=refusals(RunUnknown))
def end_shares(code: Code, session: Write, actor: Finance) -> RunShares:
    """What Alipay was never asked for is transferred; what it was asked for waits for its answer."""
    run = run_named(session, code, tenant_id=actor.tenant_id)
    service.end(session, run, by=actor.user_code)
    return _told(session, run, None, 50)


@router.post("/list", responses=refusals(RunUnknown))
def take_royalty_list(code: Code, session: Write, actor: Finance) -> RoyaltyList:
    """The list itself, with full account numbers: whoever takes it leaves an audit row."""
    made = files.take_list(session, run_named(session, code, tenant_id=actor.tenant_id), by=actor.user_code)
    return {"name": made.name, "csv": made.body.decode("utf-8-sig")}


def _told(session: Session, run: SettlementRun, cursor: str | None, limit: int) -> RunShares:
    found, following = queries.parts(session, run, cursor=cursor, limit=limit)
    total = queries.sums(session, run)
    return {
        "run": run.code, "begun": run.shared_at is not None, "open": run.sharing_left, "shared_fen": total.shared_fen,
        "refused_fen": total.refused_fen, "next": following,
        "items": [
            {
                "code": each.part.code, "request": each.request.code, "statement": each.statement.code, "order": each.order,
                "amount_fen": each.part.amount_fen, "status": each.status, "reason": each.reason,
            }
            for each in found
        ],
    }  # fmt: skip
