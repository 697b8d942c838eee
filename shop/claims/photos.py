"""Photos of a claim: drawn anew before any transaction, then kept with the order whose buyer sent them.

They are private: the order's buyer sees them, and staff who may see the claim. What no claim shows after a day is dropped.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from core import clock, db, files
from core.codes import new_code
from core.errors import Refused
from core.i18n import gettext as _
from core.tasks import every
from shop.orders.models import Order

from .models import ClaimPhoto

MOST = 3  # of a claim, as many as any rule may ask for
MOST_WAITING = 12  # of an order, sent and not shown by a claim yet
UNUSED = timedelta(days=1)


def keep_photos(session: Session, order: Order, pictures: Sequence[bytes]) -> list[ClaimPhoto]:
    """Keep pictures (`core.pictures.drawn_anew`) of an order; the same one again is kept once. Raises Refused when there are too many."""
    waiting = (ClaimPhoto.order_id == order.id, col(ClaimPhoto.claim_id).is_(None))
    known = {photo.file_id: photo for photo in session.exec(select(ClaimPhoto).where(*waiting))}
    kept = []
    for picture in pictures:
        stored = files.keep(session, picture, tenant_id=order.tenant_id, kind="image/jpeg", name="claim.jpg", is_private=True)
        photo = known.get(stored.id or 0)
        if photo is None:
            photo = ClaimPhoto(
                tenant_id=order.tenant_id, code=new_code("PH"), order_id=order.id or 0, file_id=stored.id or 0, sent_at=clock.now()
            )  # fmt: skip
            session.add(photo)
            session.flush()
            known[stored.id or 0] = photo
        kept.append(photo)
    if session.exec(select(func.count()).where(*waiting)).one() > MOST_WAITING:
        raise Refused(_("照片太多了，一次最多 {n} 张").format(n=MOST), field="photos")
    return list({photo.code: photo for photo in kept}.values())


def waiting_photos(session: Session, order: Order, codes: Sequence[str]) -> list[ClaimPhoto]:
    """The order's photos of these codes that no claim shows yet. Raises Refused."""
    wanted = list(dict.fromkeys(codes))
    if len(wanted) > MOST:
        raise Refused(_("照片太多了，一次最多 {n} 张").format(n=MOST), field="photos")
    rows = session.exec(
        select(ClaimPhoto).where(ClaimPhoto.order_id == order.id, col(ClaimPhoto.claim_id).is_(None), col(ClaimPhoto.code).in_(wanted))
    ).all()
    if len(rows) != len(wanted):
        raise Refused(_("有照片找不到了，请重新选照片"), field="photos")
    return list(rows)


def address_of(photo: ClaimPhoto) -> str:
    """Where those who may see it read it."""
    return f"/claims/photos/{photo.code}"


@every(3600, "claims.sweep_photos")
def sweep_photos() -> None:
    """Drop the photos that were sent a day ago and that no claim shows."""
    for path in db.run_write(_forget_unused):
        files.drop(path)


def _forget_unused(session: Session) -> list[Path]:
    """Their rows; and the paths of the files that no photo of any order names any more."""
    old = select(ClaimPhoto).where(col(ClaimPhoto.claim_id).is_(None), ClaimPhoto.sent_at < clock.now() - UNUSED)
    unused = session.exec(old.with_for_update()).all()
    kept = {photo.file_id for photo in unused}
    for photo in unused:
        session.delete(photo)
    session.flush()
    paths = []
    for row in session.exec(select(files.StoredFile).where(col(files.StoredFile.id).in_(kept))):
        if session.exec(select(ClaimPhoto.id).where(ClaimPhoto.file_id == row.id)).first() is None:
            paths.append(row.path)
            session.delete(row)
    return paths
