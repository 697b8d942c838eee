"""Ids of a feed and codes of the county: an id that is a code of the county's stays, any other is made into one.

Codes of places, lines and trunks are unique across the installation and begin with the county's prefix (`nh-gejia`). The
same id always gives the same code, so a feed that is imported again meets its own rows.
"""

import hashlib
import re

from sqlalchemy import select
from sqlmodel import Session

from supply.counties.loading import ids_by

from .columns import Model, is_code_global, table_of

SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class Codes:
    """Codes and keys of one county's rows, by model; what is written meanwhile is learnt by `forget`."""

    def __init__(self, session: Session, tenant_id: int, prefix: str) -> None:
        self._session, self.tenant_id, self._prefix = session, tenant_id, f"{prefix}-"
        self._ids: dict[Model, dict[str, int]] = {}

    def ids(self, model: Model) -> dict[str, int]:
        """Primary keys by code."""
        if model not in self._ids:
            self._ids[model] = ids_by(self._session, model, self.tenant_id)
        return self._ids[model]

    def forget(self, model: Model) -> None:
        self._ids.pop(model, None)

    def own(self, model: Model, feed_id: str) -> str:
        """The county's code of a feed's id; only codes that are unique across the installation differ from it."""
        if not is_code_global(model) or feed_id in self.ids(model):
            return feed_id
        if not SAFE.fullmatch(feed_id):
            return f"{self._prefix}{hashlib.sha256(feed_id.encode()).hexdigest()[:12]}"
        return feed_id if feed_id.startswith(self._prefix) else f"{self._prefix}{feed_id}"

    def id_of(self, model: Model, feed_id: str) -> int | None:
        """The row of a feed's id, if there is one by now."""
        return self.ids(model).get(self.own(model, feed_id))

    def taken(self, model: Model, codes: list[str]) -> set[str]:
        """Which of these new codes belong to another county of the installation."""
        if not is_code_global(model):
            return set()
        column = table_of(model).columns
        found: set[str] = set()
        for start in range(0, len(codes), 400):
            query = select(column["code"]).where(column["code"].in_(codes[start : start + 400]), column["tenant_id"] != self.tenant_id)
            found.update(self._session.execute(query).scalars())
        return found
