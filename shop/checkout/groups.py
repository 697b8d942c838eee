"""What lies in the basket as the checkout lists it: by station and tier, whether or not it can be reckoned."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from core.errors import JishiError
from fulfillment.promise.service import Promise
from supply.counties.models import County
from supply.counties.policy import policy_of

from .items import Item, PricedLine, Unsold, each_priced
from .quote import Quote


@dataclass(slots=True)
class Group:
    """Lines that leave one station in one tier; no promise while there is no address, `stranded` where no road leads there."""

    station_name: str
    promise: Promise | None = None
    lines: list[PricedLine | Unsold] = field(default_factory=list)
    stranded: bool = False

    @property
    def goods_fen(self) -> int:
        return sum(line.goods_fen for line in self.lines if isinstance(line, PricedLine))


def grouped(session: Session, county: County, items: list[Item], seen: Quote | None, refused: JishiError | None) -> list[Group]:
    """The lines of a quote; where there is none, the basket's own, with those marked that `refused` names."""
    lines: Sequence[PricedLine | Unsold]
    if seen is None:
        live_rides_as = str(policy_of(county).storage.live_rides_as)
        lines = each_priced(session, items, tenant_id=county.id, live_rides_as=live_rides_as)
    else:
        lines = seen.lines
    promised = {(leg.station_code, leg.tier): leg.promise for leg in seen.legs} if seen else {}
    nowhere = {sku for station in (refused.more.get("stations", []) if refused else []) for sku in station["skus"]}
    groups: dict[tuple[str, str], Group] = {}
    for line in lines:
        key = (line.station_code, line.tier if isinstance(line, PricedLine) else "")
        group = groups.setdefault(key, Group(line.station_name, promised.get(key)))
        group.lines.append(line)
        group.stranded = group.stranded or line.sku in nowhere
    return list(groups.values())
