"""Order links' quotas: taken and given back by guarded UPDATEs, links in id order."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Table, bindparam, update
from sqlmodel import Session

from core import i18n
from shop.links.models import OrderLink
from supply.stock.service import SoldOut

_ = i18n.gettext
_link: Table = OrderLink.__table__  # type: ignore[attr-defined]
_ONE = update(_link).where(_link.c.id == bindparam("link"))
_TAKE = _ONE.where(_link.c.sold + bindparam("units") <= _link.c.quota).values(sold=_link.c.sold + bindparam("units"))
_RETURN = _ONE.values(sold=_link.c.sold - bindparam("units"))


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
        if not session.connection().execute(_TAKE, {"link": link_id, "units": units}).rowcount:
            raise SoldOut(_("这场直播的名额刚刚抢完"), left=0)


def return_quota(session: Session, given: Mapping[int, int]) -> None:
    """Give units back."""
    for link_id, units in sorted(given.items()):
        session.connection().execute(_RETURN, {"link": link_id, "units": units})
