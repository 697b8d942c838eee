"""The seller of the replayed history: every other evening a livestream with one order link, its clicks and its buyers."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from core import clock
from shop.checkout.service import Item
from shop.links.models import OrderLink
from shop.links.service import Wanted, create_link, record_click
from supply.counties.loading_produce import LoadedProduct

from .story import Story

EVERY_DAYS = 2
OPENS_AT = 18 * 60 + 50
STREAMS = (19 * 60 + 30, 22 * 60)
STAYS_OPEN = timedelta(days=2)
PRODUCTS, PRICE_PCT, QUOTA, COMMISSION_BP = 3, 90, 60, 800
ORDERS_OF_VIEWERS = 0.5  # how much of an evening's orders comes from the stream


class Livestream:
    """The link that is open, if one is; `open_link` is a moment."""

    def __init__(self, products: list[LoadedProduct]) -> None:
        self.products = products
        self.link: OrderLink | None = None
        self.skus: list[str] = []

    def book_day(self, story: Story, day: date, *, number: int) -> None:
        if number % EVERY_DAYS == 0:
            story.book(clock.on(day, OPENS_AT), self.open_link)
            for _ in range(story.dice.randint(40, 90)):
                story.book(clock.on(day, story.dice.randint(*STREAMS)), self.click)

    def open_link(self, story: Story, session: Session) -> None:
        """Tonight's goods at a live price; the link stays open for those who watch the recording."""
        chosen = self._chosen(story, clock.today())
        self.skus = [wanted.sku for wanted in chosen]
        self.link = self._link(story, session, chosen, clock.now())

    def announce(self, story: Story, session: Session, day: date) -> None:
        """The evening after the last day is told already: whoever opens the demonstration finds what comes on tonight."""
        self._link(story, session, self._chosen(story, day), clock.on(day, OPENS_AT))

    def _chosen(self, story: Story, day: date) -> list[Wanted]:
        ripe = [p for p in self.products if day.month in p.seed.months]
        chosen = story.dice.sample(ripe, min(PRODUCTS, len(ripe)))
        return [Wanted(p.variants[0][1], p.seed.variants[0].price_fen * PRICE_PCT // 100) for p in chosen]

    def _link(self, story: Story, session: Session, wanted: list[Wanted], starts_at: datetime) -> OrderLink:
        day = clock.local(starts_at)
        return create_link(
            session, story.people.seller, wanted, quota=QUOTA, commission_bp=COMMISSION_BP, starts_at=starts_at,
            ends_at=starts_at + STAYS_OPEN, session_name=f"{story.county.brand}晚市 {day.month} 月 {day.day} 日",
        )  # fmt: skip

    def click(self, story: Story, session: Session) -> None:
        if self.link is not None:
            record_click(session, self.link, f"demo-{story.dice.randrange(400)}")

    def basket(self, story: Story) -> list[Item]:
        """What a viewer takes, or nothing when nobody is streaming or the buyer does not watch."""
        now = clock.local(clock.now())
        live = STREAMS[0] <= now.hour * 60 + now.minute < STREAMS[1]
        if self.link is None or not live or story.dice.random() >= ORDERS_OF_VIEWERS:
            return []
        return [Item(story.dice.choice(self.skus), story.dice.choices((1, 2), (3, 1))[0], link=self.link.code)]
