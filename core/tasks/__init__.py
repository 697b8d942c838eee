"""Work after the commit: who handles which event, and what is done at intervals.

    @handler("order.paid")                                  # effect and done mark are one transaction
    def thank(session: Session, event: Event) -> None: ...

    @handler("payment.refund", ask=ask_gateway)             # ask(event) runs first, with no transaction open
    def keep(session: Session, event: Event, reply: Reply) -> None: ...

    @together("listing.changed", "stock.changed", lane="index")   # many at once, one batch at a time, no transaction
    def reindex(events: list[Event]) -> None: ...

    @inbox_handler("stripe")                                # answers the outcome in a few words
    def settle(session: Session, notice: Notice) -> str: ...

    @every(30, "orders.expire")                             # opens its own transactions; one runner at a time
    def expire() -> None: ...

Everything here may be delivered three times and take effect once; what fails is tried eight times with growing pauses,
then kept as a dead letter until `replay`; core.tasks.dead lists them. Tests call `drain()`, which does all due work in the calling thread.
"""

from core.tasks.effects import replay
from core.tasks.registry import Event, Notice, every, handler, ignore, inbox_handler, together
from core.tasks.relay import do_now, drain, pending

__all__ = ["Event", "Notice", "do_now", "drain", "every", "handler", "ignore", "inbox_handler", "pending", "replay", "together"]
