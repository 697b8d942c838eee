"""What the payments' calls answer, and what the sandbox's notices say."""

from typing import Annotated, Any

from typing_extensions import TypedDict

from core.web.shapes import told


class PaymentAction(TypedDict):
    """What the buyer's side does next."""

    type: Annotated[
        str, told("Go to an address, show a QR code, or give the gateway's script its secret.", values=("redirect", "qr", "client_secret"))
    ]
    value: str


class PaymentStarted(TypedDict):
    """An attempt to pay."""

    payment_id: Annotated[str, told("128 bits nobody can guess.")]
    action: PaymentAction


class OutcomeChosen(TypedDict):
    """The cashier's notice is on its way; the order is paid once it has been worked."""

    payment_id: str
    outcome: Annotated[str, told("What was chosen.", values=("paid", "failed"))]


NOTICE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The gateway's own words; the signature is over the exact bytes.",
        "content": {
            "application/json": {"schema": {"type": "object", "description": "Stripe's event, or the sandbox's notice."}},
            "application/x-www-form-urlencoded": {"schema": {"type": "object", "description": "Alipay's parameters."}},
        },
    }
}
KEPT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Genuine, and kept; told again it is kept once.",
        "content": {"text/plain": {"schema": {"type": "string", "const": "success"}}},
    }
}
