"""Products and stations as the JSON API says them (docs: the contract of /api/v1)."""

from core import i18n
from fulfillment.promise.service import Promise
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_rules import ClaimRule

from .api_shapes import ClaimTerms, ProductDetail, ProductItem, ProductVariant
from .offers import Card
from .pictures import picture_url
from .promised import as_json

_ = i18n.gettext
BEARERS = i18n.marked({"grower": "农户", "master": "站长", "transport": "运输", "platform": "平台"})


def listed(card: Card, promise: Promise | None) -> ProductItem:
    """An item of GET /products."""
    return {
        "id": card.code, "name": card.name, "station": {"code": card.station_code, "name": card.station_name}, "category": card.category,
        "price_fen": card.price_fen, "image": picture_url(card.picture, card.category, card.name), "in_stock": card.in_stock,
        "season": card.months, "storage": card.storage, "url": f"/p/{card.code}", "promise": as_json(promise),
    }  # fmt: skip


def whole(card: Card, promises: dict[int, Promise | None], county: County) -> ProductDetail:
    """GET /products/{id}: variants in the order of their sizes; what is out of season has nothing available."""
    sellable = card.is_open and card.in_season
    variants: list[ProductVariant] = [
        {
            "sku": offer.sku, "spec": offer.spec, "net_g": offer.net_g, "price_fen": offer.price_fen, "per_jin_fen": offer.per_jin_fen,
            "available": offer.available if sellable else 0, "promise": as_json(promises.get(offer.variant_id)),
        }
        for offer in sorted(card.offers, key=lambda o: (o.position, o.variant_id))
    ]  # fmt: skip
    about = listed(card, promises.get(card.cheapest.variant_id))
    return {**about, "story": card.story, "variants": variants, "claim_rule": claim_rule(county, card.category)}


def claim_rule(county: County, category: str) -> ClaimTerms:
    rule = policy_of(county).claim_rule(category)
    return {
        "window_h": rule.window_h, "photos": rule.photos, "bearer": rule.bearer,
        "tiers": [{"damaged_pct": tier.damaged_pct, "refund_pct": tier.refund_pct} for tier in rule.tiers],
"words": claim_words(rule),
    }  # fmt: skip


def claim_words(rule: ClaimRule) -> str:
    """The rule as one sentence a buyer reads."""
    worst = max((tier.refund_pct for tier in rule.tiers), default=100)
    photos = _("拍 {n} 张照片").format(n=rule.photos) if rule.photos else _("说一声")
    full = _("坏得多的全退") if worst >= 100 else _("最多退 {n}%").format(n=worst)
    words = _("签收后 {hours} 小时内{photos}，坏多少赔多少，{full}，由{who}承担。")
    return words.format(hours=rule.window_h, photos=photos, full=full, who=_(BEARERS.get(rule.bearer, "平台")))
