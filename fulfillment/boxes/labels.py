"""/ops/boxes/labels, /hub/boxes/labels – labels of turnover boxes to print, ten to a sheet of A4: code, QR, county, plain words."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from markupsafe import Markup
from sqlmodel import Session, col, select

from core.db import Read
from core.errors import NotFound
from core.paging import Cursor, make_cursor, read_cursor
from core.permissions import Actor, allow
from core.web import page
from fulfillment.custody.hubs import hubs_of
from supply.stations.models import Node

from .models import Box

router = APIRouter()
Desk = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
Sorter = Annotated[Actor, Depends(allow("sorter", "dispatcher"))]
OPS, HUB = "/ops/boxes/labels", "/hub/boxes/labels"
A_PRINT = 100  # labels at a time: ten sheets


class Label(NamedTuple):
    """One label; `home` is where the box is kept."""

    code: str
    tier: str
    home: str
    picture: Markup

    @property
    def spaced(self) -> str:
        """In groups of four after the prefix, as people read it out."""
        return f"{self.code[:1]} " + " ".join(self.code[1:][i : i + 4] for i in range(0, len(self.code) - 1, 4))


@router.get(OPS)
def labels(request: Request, session: Read, actor: Desk, node: str = "", cursor: Cursor = None) -> Response:
    """Of the boxes that stand at a node, or of all."""
    if node and session.exec(select(Node.id).where(Node.tenant_id == actor.tenant_id, Node.code == node)).first() is None:
        raise NotFound("没有这个站")
    return _shown(request, session, actor, [node] if node else None, OPS, cursor, back="/ops/boxes", asked=f"node={node}&" if node else "")


@router.get(HUB)
def labels_at_hub(request: Request, session: Read, actor: Sorter, cursor: Cursor = None) -> Response:
    """Of the boxes that stand where the caller sorts."""
    return _shown(request, session, actor, [hub.code for hub in hubs_of(session, actor)], HUB, cursor, back="/hub")


def _shown(
    request: Request, session: Session, actor: Actor, places: Sequence[str] | None, path: str, cursor: str | None, *, back: str,
    asked: str = "",
) -> Response:  # fmt: skip
    """The newest first: what was registered just now is on the first page."""
    query = select(Box, Node.name).join(Node, col(Node.id) == col(Box.home_id)).where(Box.tenant_id == actor.tenant_id)
    if places is not None:
        query = query.where(col(Box.place).in_(places))
    if (after := read_cursor(cursor, int)) is not None:
        query = query.where(col(Box.id) < after[0])
    rows = session.exec(query.order_by(col(Box.id).desc()).limit(A_PRINT + 1)).all()
    found = [Label(box.code, box.tier, home, _picture(box.code)) for box, home in rows[:A_PRINT]]
    following = f"{path}?{asked}cursor={make_cursor(rows[A_PRINT - 1][0].id)}" if len(rows) > A_PRINT else None
    return page(request, "fulfillment/boxes/labels.html", labels=found, following=following, home=back, first=not cursor)


def _picture(code: str) -> Markup:
    """The bare code: what a scanner reads is what stands beneath it."""
    import segno

    drawn = str(segno.make(code, error="q").svg_inline(border=2, svgclass="qr", lineclass=None, omitsize=True))
    return Markup(drawn.replace('stroke="#000"', 'stroke="currentColor"'))  # noqa: S704 - drawn here, of a code of ours
