"""The index follows the outbox: what changed in listings or stock is searchable within two seconds. An index that is gone comes back."""

import logging

from sqlmodel import Session, select

from core import condition, db
from core.tasks import Event, every, together
from core.tasks.lanes import alone_in
from supply.counties.catalogue import raise_catalogue

from .choose import engine
from .engine import IndexMissing, SearchUnavailable
from .models import IndexState
from .service import index_products, rebuild

log = logging.getLogger("jishi.search")


@together("listing.changed", "stock.changed", lane="search")
def follow(events: list[Event]) -> None:
    """Index what these events are about, then let pages that were rendered before the index knew be forgotten."""
    index_products(sorted({str(event.payload["product_code"]) for event in events}))

    def forget(session: Session) -> None:
        for tenant_id in sorted({event.tenant_id for event in events}):
            raise_catalogue(session, tenant_id)

    db.run_write(forget)


def _was_built() -> bool:
    """Whether there was an index once; before the first one there is nothing to find and nothing to miss."""
    with db.reading() as session:
        return session.exec(select(IndexState.tenant_id).limit(1)).first() is not None


def _is_gone() -> bool:
    try:
        engine().count()
    except IndexMissing:
        return True
    except SearchUnavailable:
        return False
    return False


@every(20, "search.bring_back")
def bring_back() -> None:
    """Build an index that was thrown away, or whose server lost its disk, anew."""
    if not (_is_gone() and _was_built()):
        return
    with alone_in("search"):
        if _is_gone():
            log.warning("the search index is gone: %s products indexed anew", rebuild())


@condition.probe("search")
def is_down() -> bool:
    return not engine().health().ok and _was_built()
