"""What Alipay tells us: a form signed with RSA2 over its own values, sorted, without `sign` and `sign_type`."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from core import i18n
from core.errors import JishiError
from core.money import parse_yuan
from core.settings import settings

from .alipay_keys import is_signed
from .provider import BadSignature, Notice, Verdict

_ = i18n.gettext
MOST_FIELDS = 100
STATES = {"TRADE_SUCCESS": "captured", "TRADE_FINISHED": "captured", "TRADE_CLOSED": "closed", "WAIT_BUYER_PAY": "pending"}


def verified(headers: Mapping[str, str], body: bytes) -> Notice:
    """A notice that Alipay signed for this application and this seller. Raises BadSignature.

    Only RSA2 counts: a signature with SHA-1, which Alipay still makes for old applications, is none.
    """
    if headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded" or headers.get("content-encoding"):
        raise BadSignature(_("通知的格式不对"))
    told = _fields(body)
    text = "&".join(f"{name}={value}" for name, value in sorted(told.items()) if name not in ("sign", "sign_type") and value)
    if told.get("sign_type") != "RSA2" or not is_signed(settings.alipay_public_key or "", text.encode(), told.get("sign", "")):
        raise BadSignature(_("通知的签名不对"))
    if (told.get("app_id"), told.get("seller_id")) != (settings.alipay_app_id, settings.alipay_seller_id):
        raise BadSignature(_("通知不是给这个账户的"))
    return read(body)


def read(body: bytes) -> Notice:
    """Parse a notice that was verified. Raises BadSignature where something is missing."""
    told = _fields(body)
    try:
        event_id, payment, status = told["notify_id"], told["out_trade_no"], told["trade_status"]
        amount = parse_yuan(told["total_amount"])
    except (KeyError, JishiError) as wrong:
        raise BadSignature(_("通知的内容不完整")) from wrong
    if not event_id or not payment:
        raise BadSignature(_("通知的内容不完整"))
    state = STATES.get(status)
    verdict = Verdict(state, amount, "CNY", told.get("trade_no", "")[:64]) if state else None
    return Notice(event_id[:200], f"{told.get('notify_type', '')}:{status}"[:60], payment[:64], verdict)


def _fields(body: bytes) -> dict[str, str]:
    """The form's values by name; a name that comes twice could be signed as one and read as the other. Raises BadSignature."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as wrong:
        raise BadSignature(_("通知的格式不对")) from wrong
    told = dict(pairs)
    if len(told) != len(pairs):
        raise BadSignature(_("通知的格式不对"))
    return told
