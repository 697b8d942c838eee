"""Stripe's own client: ten seconds for an answer, no retries of its own – ours ask first – and words without a key in them.

It is loaded when the first call is made.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from core import i18n
from core.settings import settings

from .provider import GatewayRefused, GatewaySilent

log = logging.getLogger("jishi.payments.stripe")
_ = i18n.gettext
ANSWER_S, CONNECT_S = 10.0, 3.0  # far shorter than an outbox row is claimed for


class Unwilling(GatewayRefused):
    """Stripe will not do this with what it has: refunded before, closed already, too much."""


def client() -> Any:
    return _client(settings.stripe_api_key or "", settings.stripe_api_base or "")


@lru_cache(maxsize=2)
def _client(key: str, base: str) -> Any:
    import stripe

    stripe.enable_telemetry = False
    logging.getLogger("stripe").setLevel(logging.WARNING)  # below that it writes what it sends
    return stripe.StripeClient(
        key, base_addresses={"api": base.rstrip("/")} if base else None, max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(CONNECT_S, ANSWER_S)),
    )  # fmt: skip


@contextmanager
def answered(what: str) -> Iterator[None]:
    """Stripe's errors as ours. Raises GatewaySilent, Unwilling, GatewayRefused."""
    import stripe

    try:
        yield
    except (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError, stripe.IdempotencyError) as failure:
        log.warning("stripe %s: %s", what, type(failure).__name__)
        raise GatewaySilent(_("Stripe 没有回话，稍等一会儿再试；已经付的钱不会丢")) from None
    except (stripe.InvalidRequestError, stripe.CardError) as failure:
        log.warning("stripe %s: %s %s", what, type(failure).__name__, failure.code)
        raise Unwilling(_("Stripe 没有接受这笔付款，换一种方式，或重新下单")) from None
    except stripe.StripeError as failure:
        log.error("stripe %s: %s", what, type(failure).__name__)
        raise GatewayRefused(_("Stripe 没有接受这笔付款，换一种方式，或重新下单")) from None
