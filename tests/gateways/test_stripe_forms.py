"""What we ask of Stripe against its own request schemas, where the folder named by JISHI_CONTRACT_SPECS holds them; an excerpt else."""

from datetime import timedelta

import pytest

from core import clock
from core.settings import settings
from shop.payments.provider import Bill, GatewayRefused, RefundAsk
from shop.payments.stripe_provider import Stripe
from tests.gateways.stripe import KEY, SECRET, FakeStripe
from tests.gateways.stripe_spec import Forms


def form(required: list[str], **properties):
    schema = {"type": "object", "required": required, "properties": properties, "additionalProperties": False}
    return {"post": {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}}}


TEXT, WHOLE, NAMED = {"type": "string"}, {"type": "integer"}, {"type": "object", "additionalProperties": {"type": "string"}}
EXCERPT = {
    "paths": {
        "/v1/payment_intents": form(
            ["amount", "currency"], amount=WHOLE, currency=TEXT, description=TEXT, metadata=NAMED,
            payment_method_types={"type": "array", "items": TEXT},
        ),
        "/v1/checkout/sessions": form(
            [], mode={"type": "string", "enum": ["payment", "setup", "subscription"]}, client_reference_id=TEXT, metadata=NAMED,
            payment_intent_data={"type": "object", "properties": {"metadata": NAMED}, "additionalProperties": False}, success_url=TEXT,
            cancel_url=TEXT, expires_at=WHOLE, payment_method_types={"type": "array", "items": TEXT},
            line_items={"type": "array", "items": {"type": "object", "properties": {"quantity": WHOLE, "price_data": {
                "type": "object", "required": ["currency"],
                "properties": {"currency": TEXT, "unit_amount": WHOLE, "product_data": {"type": "object", "required": ["name"], "properties": {"name": TEXT}}},
            }}}},
        ),
        "/v1/refunds": form([], amount=WHOLE, payment_intent=TEXT, metadata={"anyOf": [NAMED, {"type": "string", "enum": [""]}]}),
    }
}  # fmt: skip


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch):
    fake = FakeStripe()
    if not fake.forms.knows("/v1/refunds"):
        fake.forms = Forms(EXCERPT)
    for name, value in {"api_key": KEY, "webhook_secret": SECRET, "api_base": fake.base}.items():
        monkeypatch.setattr(settings, f"stripe_{name}", value)
    yield fake
    fake.stop()


def bill(method: str, payment: str) -> Bill:
    now = clock.now()
    return Bill(1, payment, "JS7Q2MABCDEFGHJK", 8600, "CNY", method, now + timedelta(minutes=15), now)


def test_what_we_send_satisfies_stripes_own_schemas(stripe: FakeStripe):
    shop = Stripe()
    card = shop.start(bill("card", "a" * 32))
    shop.start(bill("page", "b" * 32))
    stripe.charge(card.ref)
    assert shop.refund(RefundAsk("RF1", "a" * 32, 8600, "CNY", card.ref)) == "done"
    assert stripe.forms.checked == 3


def test_the_schemas_refuse_what_stripe_does_not_know(stripe: FakeStripe):
    stripe.forms = Forms({"paths": {"/v1/payment_intents": form(["amount"], amount=WHOLE)}})
    with pytest.raises(GatewayRefused):
        Stripe().start(bill("card", "a" * 32))
