"""I13: the index shows what the database says, but for what changed within the last minute."""

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session, col, select

from core import clock
from core.invariants import invariant
from core.outbox import Outbox

from .choose import engine
from .documents import all_documents
from .engine import IndexMissing, SearchUnavailable, Stamp
from .models import IndexState

PATIENCE = timedelta(seconds=60)
TOPICS = ("listing.changed", "stock.changed")


@invariant("I13", "the search index shows the database's price, stock and version", tables=("index_state", "listing", "listing_price"))
def index_is_true(session: Session) -> Iterable[str]:
    """Compared only where an index was built; an engine that does not answer is a matter of readiness, not of truth."""
    if session.exec(select(IndexState).limit(1)).first() is None:
        return []
    try:
        held = engine().versions()
    except IndexMissing:
        return ["the index is gone: run jishi reindex"]
    except SearchUnavailable:
        return []
    told = {d.id: Stamp(d.version, d.price_fen, d.sellable) for d in all_documents(session)}
    young = _just_changed(session)
    wrong = sorted(code for code in held.keys() | told.keys() if held.get(code) != told.get(code) and code not in young)
    return [f"{code}: index {held.get(code)}, database {told.get(code)}" for code in wrong]


def _just_changed(session: Session) -> set[str]:
    lately = col(Outbox.available_at).between(clock.now() - PATIENCE, clock.now())
    rows = session.exec(select(Outbox.payload).where(col(Outbox.topic).in_(TOPICS), lately))
    return {str(payload.get("product_code")) for payload in rows}
