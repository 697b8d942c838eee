"""Scenarios and proposals as they are shown."""

from sqlmodel import Session, col, select

from core import clock

from .api_shapes import ProposalDetail
from .models import ProposalRun, WhatIf

ITEM = ("change", "why", "month_fen", "doubt_fen", "runs_fen", "late", "unplaced")


def scenarios(session: Session, tenant_id: int, *, before: int | None = None, most: int = 20) -> list[WhatIf]:
    """Newest first; `before` is the id a page ended at."""
    asked = select(WhatIf).where(WhatIf.tenant_id == tenant_id).order_by(col(WhatIf.id).desc()).limit(most)
    return list(session.exec(asked if before is None else asked.where(col(WhatIf.id) < before)))


def proposal_detail(run: ProposalRun) -> ProposalDetail:
    """What was looked at, without the items: these are told by name."""
    seen = run.answer
    return {
        "id": run.code, "status": run.status, "asked_at": clock.local(run.asked_at),
        "finished_at": run.finished_at and clock.local(run.finished_at), "days": seen.get("days", 0), "parcels": seen.get("parcels", 0),
        "tried": seen.get("tried", 0), "candidates": seen.get("candidates", 0), "items": [],
        "together": seen.get("together"),
    }  # fmt: skip
