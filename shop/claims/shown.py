"""/claims/photos/{photo} – a photo for the order's buyer, for the office, and for the master of the station that sent the goods."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlmodel import Session, col, select

from core import files
from core.db import Read
from core.errors import NotFound
from core.i18n import gettext as _
from core.permissions import Actor, Visitor
from shop.orders.access import TokenHeader, open_to
from shop.orders.models import Order, OrderLine
from supply.stations.models import Station

from .deciding import DECIDERS
from .models import Claim, ClaimPhoto

router = APIRouter(include_in_schema=False)


@router.get("/claims/photos/{photo}")
def read_photo(photo: Annotated[str, Path(max_length=40)], session: Read, actor: Visitor, token: TokenHeader = None) -> Response:
    """Somebody else's answers as if it were not there."""
    row = session.exec(
        select(ClaimPhoto, files.StoredFile)
        .join(files.StoredFile, col(files.StoredFile.id) == col(ClaimPhoto.file_id))
        .where(ClaimPhoto.tenant_id == actor.tenant_id, ClaimPhoto.code == photo)
    ).first()
    if row is None or not row[1].path.is_file() or not _may_see(session, row[0], actor, token):
        raise NotFound(_("没有这张照片，或者它不是给你看的"))
    return files.sent(row[1])


def _may_see(session: Session, photo: ClaimPhoto, actor: Actor, token: str | None) -> bool:
    own = open_to(actor, token)
    if own is not None and session.exec(select(Order.id).where(Order.id == photo.order_id, own)).first():
        return True
    if photo.claim_id is None:
        return False
    if actor.has(*DECIDERS):
        return True
    sent_by = (
        select(Claim.id)
        .join(OrderLine, col(OrderLine.id) == col(Claim.line_id))
        .join(Station, col(Station.node_id) == col(OrderLine.station_id))
        .where(Claim.id == photo.claim_id, col(Station.code).in_(actor.scopes("master")))
    )
    return session.exec(sent_by).first() is not None
