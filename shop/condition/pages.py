"""/county/undone – what was given up after eight tries, for the county's administrator, with new tries for it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import i18n
from core.db import Read, Write
from core.permissions import Actor, allow
from core.tasks.dead import dead_letters, revive
from core.web import page
from core.web.nav import Entry, register

router = APIRouter()
_ = i18n.gettext
Admin = Annotated[Actor, Depends(allow("admin"))]
SHOWN = 100
register("county", Entry(9, "/county/undone", i18n.marked("没办成"), "warn", ("admin",)))


def topic_words() -> dict[str, str]:
    return {
        "message.send": _("发短信"), "payment.refund": _("给买家退款"), "plan.asked": _("排班次"), "roads.better": _("重新排车"),
        "listing.changed": _("更新搜索"),
        "stock.changed": _("更新搜索"), "inbox": _("支付渠道的通知"),
    }  # fmt: skip


class ReplayForm(BaseModel):
    """One of them, or all."""

    model_config = {"extra": "forbid"}
    letter: Annotated[str, Field(max_length=20, pattern="^([0-9]{1,18}|all)$")]


@router.get("/county/undone")
def index(request: Request, session: Read, actor: Admin) -> Response:
    return _shown(request, session, actor)


@router.post("/county/undone/replays")
def replay(request: Request, form: Annotated[ReplayForm, Form()], session: Write, actor: Admin) -> Response:
    """New tries, at once; what was tried again or done meanwhile is left alone."""
    revive(session, None if form.letter == "all" else [int(form.letter)], tenant_id=actor.tenant_id, by=actor.key, role="admin")
    return _shown(request, session, actor, back="/county/undone")


def _shown(request: Request, session: Session, actor: Actor, *, back: str | None = None) -> Response:
    letters = dead_letters(session, tenant_id=actor.tenant_id, limit=SHOWN)
    return page(
        request, "condition/undone.html", block="undone", back=back, letters=letters, most=SHOWN, words=topic_words(),
        given_up=0,  # this very page says how many
    )  # fmt: skip
