"""Buyers of the replayed history: they order, pay at the sandbox cashier, change their mind or forget."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock
from core.errors import JishiError
from core.permissions import Actor
from shop.checkout.address import Contact, FullAddress
from shop.checkout.service import Item, PlacedOrder, place_order, quote
from shop.orders.models import Order
from shop.payments.cashier import decide
from shop.payments.service import cancel_order, start_payment
from supply.counties.loading_produce import LoadedProduct

from .selling import Livestream
from .story import Story

DESTINATIONS = (
    # province, city, district, street; weight
    (("上海市", "上海市", "徐汇区", "天平路"), 8),
    (("上海市", "上海市", "浦东新区", "东方路"), 6),
    (("浙江省", "杭州市", "西湖区", "文三路"), 8),
    (("浙江省", "宁波市", "鄞州区", "百丈路"), 7),
    (("江苏省", "南京市", "鼓楼区", "中山北路"), 4),
    (("江苏省", "苏州市", "姑苏区", "人民路"), 4),
    (("安徽省", "合肥市", "蜀山区", "长江西路"), 2),
    (("北京市", "北京市", "海淀区", "知春路"), 3),
    (("广东省", "深圳市", "南山区", "科苑路"), 2),
    (("四川省", "成都市", "武侯区", "人民南路"), 1),
)
AT_HOME_WEIGHT = 8
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙朱马胡林郭何高罗", "敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英华文玲建国"
ASK = ("果子要熟一点的，马上吃", "送人的，包得好看些", "家里有老人，别放太咸的", "到了放门卫，打 13600000000 也行")
ASKS_EVERY = 4
TRIES = 8  # other baskets a buyer thinks of when the first cannot be had


class Buyer(NamedTuple):
    actor: Actor
    name: str
    phone: str
    note: str = ""  # what they ask of those who pack


def cast_buyers(story: Story, number: int) -> list[Buyer]:
    """Guests with the demo's own numbers (136 0000 xxxx), and the consumer of the sign-ins among them."""
    county = story.county.id
    member = Buyer(story.people.consumer, story.people.consumer.name, "13800000006")
    dice = story.dice
    guests = [
        Buyer(
            Actor(tenant_id=county),
            dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, dice.randint(1, 2))),
            f"1360000{n:04d}",
            ASK[n // ASKS_EVERY % len(ASK)] if n % ASKS_EVERY == 0 else "",
        )
        for n in range(number)
    ]
    return [member] * max(1, number // 8) + guests


class Market:
    """What can be bought and by whom; `order` is a moment."""

    def __init__(self, story: Story, products: Sequence[LoadedProduct], buyers: Sequence[Buyer], stream: Livestream) -> None:
        known = {row.station for row in story.profile.products}
        names = {node.code: node.name for node in story.profile.stations}
        self.products, self.buyers, self.stream = products, buyers, stream
        # What a county is known for sells most.
        self.weights = [6 if names[p.seed.station] in known else 1 for p in products]
        self.by_station: dict[str, list[LoadedProduct]] = {}
        for product in products:
            self.by_station.setdefault(product.seed.station, []).append(product)
        home = story.profile.county.home
        self.places = [*(place for place, _ in DESTINATIONS), (*home, "人民路")]
        self.place_weights = [*(weight for _, weight in DESTINATIONS), AT_HOME_WEIGHT]

    def order(self, story: Story, session: Session) -> None:
        """One buyer orders what can be had and reaches them, and decides what becomes of it."""
        dice = story.dice
        buyer = dice.choice(self.buyers)
        for attempt in range(TRIES):
            place = dice.choices(self.places, self.place_weights)[0]
            address = FullAddress(
                province=place[0], city=place[1], district=place[2],
                detail=f"{place[3]}{dice.randint(1, 899)}号{dice.randint(1, 28)}幢{dice.randint(101, 2804)}室",
            )  # fmt: skip
            items = (self.stream.basket(story) if attempt == 0 else []) or self._basket(story)
            try:
                with session.begin_nested():
                    placed = self._place(story, session, buyer, items, address)
            except JishiError:
                continue
            self._decide(story, placed)
            return

    def _basket(self, story: Story) -> list[Item]:
        dice, month = story.dice, clock.today().month
        first = dice.choices(self.products, self.weights)[0]
        wanted = [first]
        others = [p for p in self.by_station[first.seed.station] if p is not first]
        if others and dice.random() < 0.35:
            wanted.append(dice.choice(others))
        if dice.random() < 0.15:
            wanted.append(dice.choices(self.products, self.weights)[0])
        skus = {dice.choice(p.variants)[1]: dice.choices((1, 2, 3), (7, 2, 1))[0] for p in wanted if month in p.seed.months}
        return [Item(sku, qty) for sku, qty in skus.items()]

    def _place(self, story: Story, session: Session, buyer: Buyer, items: list[Item], address: FullAddress) -> PlacedOrder:
        seen = quote(session, story.county, items, address)
        return place_order(
            session, story.county, items, contact=Contact(name=buyer.name, phone=buyer.phone), address=address,
            expected_total_fen=seen.total_fen, actor=buyer.actor, note=buyer.note,
        )  # fmt: skip

    def _decide(self, story: Story, placed: PlacedOrder) -> None:
        fate = story.dice.random()
        if fate < 0.90:
            story.book(story.later(0.5, 6), lambda s, session: pay(s, session, placed.number, "paid"))
        elif fate < 0.93:
            story.book(story.later(0.5, 3), lambda s, session: pay(s, session, placed.number, "failed"))
            story.book(story.later(4, 9), lambda s, session: pay(s, session, placed.number, "paid"))
        elif fate < 0.96:
            story.book(story.later(2, 10), lambda s, session: cancel(session, placed.number))
        elif fate < 0.98:
            story.book(story.later(0.5, 3), lambda s, session: pay(s, session, placed.number, "paid"))
            story.book(story.later(4, 9), lambda s, session: cancel(session, placed.number))
        # the rest forget, and the order expires


def pay(story: Story, session: Session, number: str, outcome: str) -> None:
    """Go to the sandbox cashier and choose; its signed notice comes back down the road of every notice."""
    order = _order(session, number)
    method = story.dice.choice(("page", "wap", "qr"))
    attempt = start_payment(session, order, provider="sandbox", method=method)
    decide(session, attempt.code, outcome, tenant_id=story.county.id, amount_fen=attempt.amount_fen)


def cancel(session: Session, number: str) -> None:
    cancel_order(session, _order(session, number), by="buyer", reason="改变主意")


def _order(session: Session, number: str) -> Order:
    return session.exec(select(Order).where(col(Order.number) == number)).one()
