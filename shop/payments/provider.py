"""What a payment provider is: one file per provider, this small face.

`start`, `query`, `close`, `refund` and `bill` talk to the outside: they are called with no transaction open and bear repetition
(the attempt's and the refund's code are the idempotency keys); they raise GatewaySilent, a TimeoutError, when no answer
came or none that can be believed, and GatewayRefused when the gateway will not have it.
`read_notice` verifies first and parses after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from core.errors import Busy, Conflict, JishiError, NotFound


class BadSignature(JishiError):
    """A notice that is not from the provider, or not for us. Nothing about it may be believed."""

    code, status = "bad_signature", 400


class ProviderUnknown(NotFound):
    """No such provider, or it has no keys here."""

    code = "provider_unknown"


class MethodUnknown(Conflict):
    """The provider has no such way to pay."""

    code, status = "method_unknown", 422


class GatewaySilent(Busy, TimeoutError):
    """No answer came, or none that can be believed: what the gateway did is not known, and it is asked before anything is tried again."""

    code = "gateway_silent"


class GatewayRefused(Conflict):
    """The gateway answered that it will not have it."""

    code = "gateway_refused"


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be paid. `payment` is the attempt's code, the number the provider knows it by; `ref` is what the provider
    called it when it was opened there, empty before."""

    tenant_id: int
    payment: str
    order_number: str
    amount_fen: int
    currency: str
    method: str
    pay_by: datetime
    begun_at: datetime
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What the buyer's side does next: `redirect` to an address, show a `qr`, or use a `client_secret`."""

    type: str
    value: str
    ref: str = ""  # the provider's own name for the payment, kept to ask by


class Way(NamedTuple):
    """One of a provider's methods, as a button."""

    method: str
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a payment stands at the provider: captured, failed, closed, pending or unknown."""

    state: str
    amount_fen: int = 0
    currency: str = "CNY"
    ref: str = ""


@dataclass(frozen=True, slots=True)
class RefundAsk:
    code: str
    payment: str
    amount_fen: int
    currency: str
    ref: str = ""  # of the capture
    failures: int = 0  # how often this refund failed so far, as we know it: asked once more it is a new try


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notice: its own id, its kind, the payment it speaks of, and what it says about it."""

    event_id: str
    kind: str
    payment: str
    verdict: Verdict | None  # None: a kind we do not act on
    about: tuple[str, str] | None = None  # of another thing than a payment: `dispute` or `refund`, and the gateway's name for it


class BillLine(NamedTuple):
    """One movement on a gateway's bill of a day: a `payment` of ours by its attempt's code, a `refund` by its own, a
    `royalty` – parts of a payment that the gateway gave others – by its request's in `refund`, a `payout` to the county's bank, or
    something `other`, each by the gateway's own `ref`.

    `amount_fen` is what moved, never negative but of something other; `fee_fen` is what the gateway kept of it, negative where it gave a
    fee back. All in fen of CNY.
    """

    kind: str
    payment: str
    refund: str
    amount_fen: int
    fee_fen: int = 0
    ref: str = ""
    at: datetime | None = None

    @property
    def number(self) -> str:
        """By what it is known, once per gateway and kind."""
        return self.refund or self.payment or self.ref


class Provider(Protocol):
    name: str
    methods: frozenset[str]
    title: str  # as buyers call it; marked for the catalogue, like `note`
    note: str
    is_blocked_in_wechat: bool
    bill_after: timedelta  # the bill of a business day is whole so long after the day's end

    @property
    def sends_to(self) -> tuple[str, ...]:
        """Where the pay page's form may lead, as sources of a content policy."""

    def is_ready(self) -> bool:
        """Whether this installation may take money through it (keys set; demo mode for the sandbox)."""

    def ways(self, *, on_phone: bool) -> list[Way]:
        """What the pay page offers, the usual one first; empty for a provider whose pay page is its own."""

    def start(self, bill: Bill) -> Action:
        """Open the payment at the provider; asking again with the same bill answers the same."""

    def query(self, bill: Bill) -> Verdict:
        """How the payment stands now."""

    def close(self, bill: Bill) -> Verdict:
        """Close an unpaid payment; answers how it stands after, which may be captured."""

    def refund(self, ask: RefundAsk) -> str:
        """Give money back, once per code: `done` or `failed`. Raises TimeoutError when it cannot be told: asked again later."""

    def bill(self, day: date) -> list[BillLine]:
        """All that moved on a business day that is over, as the gateway counts it. Raises GatewaySilent, GatewayRefused."""

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify, then parse. Raises BadSignature. Header names are lower case."""

    def parse(self, body: bytes) -> Notice:
        """Read a body that was verified when it came in."""
