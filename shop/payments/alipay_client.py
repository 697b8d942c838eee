"""The official SDK for its models and its wire format, with our own transport, signatures and clock under it.

Its transport cannot reach a port and crashes on any answer but 200, its RSA is slow and takes PKCS#1 keys and SHA-1
signatures, and its timestamps are the machine's local time where Alipay expects Beijing's. It is given no logger: it would
write whole requests. The SDK is loaded when the first call is made: few shops need it, and it is large.
"""

import logging
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from core import clock, i18n
from core.settings import settings

from . import alipay_keys
from .provider import GatewaySilent

log = logging.getLogger("jishi.payments.alipay")
_ = i18n.gettext
GATEWAY = "https://openapi.alipay.com/gateway.do"
ANSWER_S, CONNECT_S = 10.0, 3.0  # far shorter than an outbox row is claimed for
DONE = "10000"


def ask(name: str, fields: Mapping[str, Any]) -> Any:
    """Send one request – `AlipayTradeQuery` – and return the SDK's response object; its `code` says whether it was done.

    Raises GatewaySilent when nothing came back, or nothing that Alipay signed.
    """
    from alipay.aop.api.exception.Exception import RequestException, ResponseException

    try:
        content = _client(*_keys()).execute(_request(name, fields))
    except (RequestException, ResponseException):
        # its words hold the whole answer; without a signature it is nobody's
        log.warning("alipay %s: the answer has no signature of Alipay's", name)
        raise _silent() from None
    answer = getattr(import_module(f"alipay.aop.api.response.{name}Response"), f"{name}Response")()
    answer.parse_response_content(content)
    if answer.code != DONE:
        log.info("alipay %s: %s %s", name, answer.code, answer.sub_code)
    return answer


def address(name: str, fields: Mapping[str, Any], *, back: str, notify: str) -> str:
    """The signed address a buyer is sent to; nothing is sent by us."""
    request = _request(name, fields)
    request.return_url, request.notify_url = back, notify
    sent: str = _client(*_keys()).page_execute(request, "GET")
    return sent


def _keys() -> tuple[str, ...]:
    return (
        settings.alipay_app_id or "", settings.alipay_gateway or GATEWAY, settings.alipay_private_key or "",
        settings.alipay_public_key or "",
    )  # fmt: skip


def _request(name: str, fields: Mapping[str, Any]) -> Any:
    model = getattr(import_module(f"alipay.aop.api.domain.{name}Model"), f"{name}Model")()
    told = dict(fields)
    notify = told.pop("notify_url", None)
    for field, value in told.items():
        setattr(model, field, value)
    request = getattr(import_module(f"alipay.aop.api.request.{name}Request"), f"{name}Request")(biz_model=model)
    request.notify_url = notify
    return request


@lru_cache(maxsize=2)
def _client(app_id: str, gateway: str, private: str, public: str) -> Any:
    from alipay.aop.api import DefaultAlipayClient as sdk
    from alipay.aop.api.AlipayClientConfig import AlipayClientConfig

    sdk.do_post = _post
    sdk.sign_with_rsa2 = alipay_keys.sign
    sdk.verify_with_rsa = alipay_keys.is_signed
    sdk.datetime = SimpleNamespace(datetime=SimpleNamespace(now=lambda: clock.local(clock.now())))
    config = AlipayClientConfig()
    config.app_id, config.server_url = app_id, gateway
    config.app_private_key, config.alipay_public_key = private, public
    return sdk.DefaultAlipayClient(config)


@lru_cache(maxsize=1)
def _wire() -> Any:
    import httpx

    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole addresses at INFO
    return httpx.Client(timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S))


def _post(
    url: str, query_string: str = "", headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None,
    charset: str = "utf-8", timeout: float = ANSWER_S,
) -> bytes:  # fmt: skip
    """What the SDK sends, over a pooled connection; its own timeout is not used."""
    import httpx
    from alipay.aop.api.util.WebUtils import url_encode

    body = url_encode(params or {}, charset).encode(charset)
    try:
        answer = _wire().post(f"{url}?{query_string}", content=body, headers=headers)
    except httpx.HTTPError as failure:
        log.warning("alipay does not answer: %s", type(failure).__name__)
        raise _silent() from None
    if answer.status_code != 200:
        log.warning("alipay answers %s", answer.status_code)
        raise _silent()
    sent: bytes = answer.content
    return sent


def fetch(url: str) -> bytes:
    """What lies at an address that Alipay answered. Raises GatewaySilent."""
    import httpx

    try:
        answer = _wire().get(url)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise _silent() from None
    if answer.status_code != 200:
        raise _silent()
    sent: bytes = answer.content
    return sent


def _silent() -> GatewaySilent:
    return GatewaySilent(_("支付宝没有回话，稍等一会儿再试；已经付的钱不会丢"))
