"""Order links' quotas: taken and given back by guarded UPDATEs, links in id order."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session, col, update

from core import i18n
from shop.links.models import OrderLink
from supply.stock.service import SoldOut

_ = i18n.gettext


def per_link(pairs: Iterable[tuple[int | None, int]]) -> dict[int, int]:
    """Units per link id; lines without a link are left out."""
    units: dict[int, int] = {}
    for link_id, quantity in pairs:
        if link_id is not None:
            units[link_id] = units.get(link_id, 0) + quantity
    return units


def take_quota(session: Session, wanted: Mapping[int, int]) -> None:
    """Count units against their links. Raises SoldOut: the caller's transaction or savepoint must then be rolled back."""
    for link_id, units in sorted(wanted.items()):
        taken = session.exec(
            update(OrderLink)
            .where(col(OrderLink.id) == link_id, col(OrderLink.sold) + units <= col(OrderLink.quota))
            .values(sold=OrderLink.sold + units)
            .execution_options(synchronize_session=False)
        )
        if not taken.rowcount:
            raise SoldOut(_("这场直播的名额刚刚抢完"), left=0)


def return_quota(session: Session, given: Mapping[int, int]) -> None:
    """Give units back."""
    for link_id, units in sorted(given.items()):
        session.exec(
            update(OrderLink)
            .where(col(OrderLink.id) == link_id)
            .values(sold=OrderLink.sold - units)
            .execution_options(synchronize_session=False)
        )
