"""What contracts and their amounts are called: in Chinese as rows keep it, `retold` to each reader."""

from collections.abc import Mapping, Sequence

from core import i18n
from core.money import format_fen
from fulfillment.contracts.models import CarriageContract
from fulfillment.network.models import Line
from fulfillment.network.words import KIND_WORDS, kept_words
from supply.counties.profile_kinds import Basis

from .models import LineKind
from .reckoning import Step, Terms

STRETCH = i18n.kept("{line}，{since}到{until}")
ALL_OF_KIND = i18n.kept("全部{kind}")
AT_NODE = i18n.kept("{node}经手")
TO_DOORS = i18n.kept("{node}送上门")
OF_ZONE = i18n.kept("承包片区{zone}")
STEPS = {
    Basis.PIECE: i18n.kept("{n} 件 × ¥{price}"),
    Basis.KG: i18n.kept("{n} 公斤 × ¥{price}"),
    Basis.BOX: i18n.kept("{n} 箱 × ¥{price}"),
    Basis.TRIP: i18n.kept("{n} 班 × ¥{price}"),
    Basis.VEHICLE_MONTH: i18n.kept("{n} 辆车 × ¥{price}"),
}
SHARE = i18n.kept("运费 ¥{n} 的 {percent}%")
SUM = i18n.kept("{one}，加 {more}")
SENTENCE = i18n.kept("{month} {what}：{note}")
NOTES = {
    LineKind.MINIMUM: i18n.kept("补到保底 ¥{least}"),
    LineKind.CAP: i18n.kept("超过封顶 ¥{most}，减去"),
    LineKind.CORRECTION: i18n.kept("{month} 结账以后扫码有变，更正"),
}
PRICES = {
    Basis.PIECE: i18n.kept("一件 ¥{price}"),
    Basis.KG: i18n.kept("一公斤 ¥{price}"),
    Basis.BOX: i18n.kept("一箱 ¥{price}"),
    Basis.TRIP: i18n.kept("一班 ¥{price}"),
    Basis.VEHICLE_MONTH: i18n.kept("一辆车一个月 ¥{price}"),
    Basis.FREIGHT_SHARE: i18n.kept("运费的 {percent}%"),
}
FROM_UNIT = i18n.kept("第 {n} 起 ¥{price}")


def cover_words(contract: CarriageContract, line: Line | None, names: Mapping[str, str]) -> str:
    """What a contract pays for: `8 路班车，长街驿站到宁海县级共配中心`."""
    if contract.node:
        return (TO_DOORS if contract.kind else AT_NODE).format(node=names.get(contract.node, contract.node))
    if line is None:
        return ALL_OF_KIND.format(kind=KIND_WORDS.get(contract.kind, contract.kind))
    called = kept_words(line.number, line.kind)
    if not contract.from_node:
        return called
    ends = (names.get(node, node) for node in (contract.from_node, contract.to_node))
    return STRETCH.format(line=called, **dict(zip(("since", "until"), ends, strict=True)))


def zone_words(name: str) -> str:
    return OF_ZONE.format(zone=name)


def how_words(terms: Terms, quantity: int, steps: Sequence[Step]) -> str:
    """`1,000 件 × ¥0.80，加 204 件 × ¥0.65`."""
    if terms.basis == Basis.FREIGHT_SHARE:
        return SHARE.format(n=format_fen(quantity), percent=percent(terms.price))
    parts = [STEPS[Basis(terms.basis)].format(n=f"{units:,}", price=format_fen(price)) for units, price in steps or [Step(0, terms.price)]]
    told = parts.pop()
    while parts:
        told = SUM.format(one=parts.pop(), more=told)
    return told


def note_words(kind: str, month: str, terms: Terms, how: str) -> str:
    """What one amount of a month is for; `how` it comes to be, of carriage."""
    if kind == LineKind.CARRIAGE:
        return how
    least, most = (format_fen(fen or 0) for fen in (terms.minimum_fen, terms.cap_fen))
    return NOTES[LineKind(kind)].format(month=month, least=least, most=most)


def line_words(month: str, what: str, note: str) -> str:
    return SENTENCE.format(month=month, what=what, note=note)


def price_words(terms: Terms) -> list[str]:
    """What is agreed, in short sentences."""
    told = [PRICES[Basis(terms.basis)].format(price=format_fen(terms.price), percent=percent(terms.price))]
    return told + [FROM_UNIT.format(n=f"{first:,}", price=format_fen(price)) for first, price in terms.tiers]


def percent(basis_points: int) -> str:
    """`3250` → `32.5`."""
    return f"{basis_points // 100}.{basis_points % 100:02d}".rstrip("0").rstrip(".")
