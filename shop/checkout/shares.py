"""Who gets what of a line, frozen at placement and said in words.

Goods are split by basis points – grower, station master, livestream seller, platform – with largest remainders, so the
parts add up to the fen; the line's freight part goes to transport. What a coupon takes off is the county's gift and no loss of
theirs. A link's commission comes off the grower's side first. Under 收购 the grower was paid on grading at an agreed rate: what
lies between that rate and the grower's side is the station's, who bore the risk.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from core import clock, i18n
from core.money import split
from supply.counties.models import ShareRule
from supply.growers.models import Agreement, AgreementKind

from .items import PricedLine

WHOLE_BP = 10_000
AGREED = i18n.marked({AgreementKind.PURCHASE: "收购价", AgreementKind.CONSIGNMENT: "代销"})
GROWER = i18n.kept("{how}，货款的 {rate}")
MASTER = i18n.kept("站长销售分成，货款的 {rate}")
SELLER = i18n.kept("直播佣金，货款的 {rate}，链接 {code}")
ON_BEHALF = i18n.kept("代买提成，货款的 {rate}，从平台服务里出")
TRANSPORT = i18n.kept("这一行的运费，全数归运输")
PLATFORM = i18n.kept("平台服务，货款的 {rate}")


_RULE = (
    select(  # type: ignore[call-overload]
        ShareRule.version, ShareRule.consignment_bp, ShareRule.master_bp, ShareRule.platform_bp, ShareRule.on_behalf_bp
    )
    .where(col(ShareRule.tenant_id) == bindparam("tenant"), col(ShareRule.starts_on) <= bindparam("today"))
    .order_by(col(ShareRule.starts_on).desc(), col(ShareRule.id).desc())
    .limit(1)
)
_AGREED = (
    select(Agreement.grower_id, Agreement.kind, Agreement.share_bp)
    .where(
        col(Agreement.tenant_id) == bindparam("tenant"), col(Agreement.grower_id).in_(bindparam("growers", expanding=True)),
        col(Agreement.starts_on) <= bindparam("today"), or_(col(Agreement.ends_on).is_(None), col(Agreement.ends_on) >= bindparam("today")),
    )
    .order_by(col(Agreement.starts_on), col(Agreement.id))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    role: str  # grower | master | seller | on_behalf | transport | platform
    party_code: str
    amount_fen: int
    words: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The share rule in force and each grower's agreement (kind, basis points of the goods)."""

    version: str
    grower_bp: int
    master_bp: int
    platform_bp: int
    agreements: dict[int, tuple[str, int]]
    on_behalf_bp: int = 0


def rules_now(session: Session, grower_ids: Collection[int], *, tenant_id: int) -> Rules:
    """The county's share rule of today and these growers' agreements; two queries."""
    today = clock.today()
    rule = session.connection().execute(_RULE, {"tenant": tenant_id, "today": today}).one()
    agreed = session.connection().execute(_AGREED, {"tenant": tenant_id, "growers": list(grower_ids), "today": today})
    return Rules(rule[0], rule[1], rule[2], rule[3], {row[0]: (row[1], row[2]) for row in agreed}, rule[4])


def shares_of(line: PricedLine, rules: Rules, *, freight_fen: int, pays_seller: bool, behalf: str = "") -> list[Share]:
    """The shares of one line; they sum to goods + freight part. `behalf`: the station that earns by ordering for a villager."""
    kind, agreed_bp = rules.agreements.get(line.grower_id, (AgreementKind.CONSIGNMENT, WHOLE_BP))
    seller_bp = line.link.commission_bp if line.link and pays_seller else 0
    side_bp = max(0, rules.grower_bp - seller_bp)
    grower_bp = min(agreed_bp, side_bp)
    master_bp = rules.master_bp + side_bp - grower_bp
    left_bp = max(0, WHOLE_BP - grower_bp - master_bp - seller_bp)
    behalf_bp = min(rules.on_behalf_bp, left_bp) if behalf else 0
    platform_bp = left_bp - behalf_bp
    grower, master, seller, platform, ordered = split(line.goods_fen, (grower_bp, master_bp, seller_bp, platform_bp, behalf_bp))
    how = AGREED[AgreementKind(kind)]
    shares = [
        Share("grower", line.grower_code, grower, GROWER.format(how=how, rate=percent(grower_bp))),
        Share("master", line.station_code, master, MASTER.format(rate=percent(master_bp))),
        Share("transport", "transport", freight_fen, TRANSPORT),
        Share("platform", "platform", platform, PLATFORM.format(rate=percent(platform_bp))),
    ]
    if seller_bp and line.link:
        words = SELLER.format(rate=percent(seller_bp), code=line.link.code)
        shares.append(Share("seller", line.link.seller_code, seller, words))
    if behalf_bp:
        shares.append(Share("on_behalf", behalf, ordered, ON_BEHALF.format(rate=percent(behalf_bp))))
    return shares


def percent(basis_points: int) -> str:
    """`880` → `8.8%`."""
    return f"{basis_points / 100:g}%"
