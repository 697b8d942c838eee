"""Messages to people: written to the outbox with the change they tell of, sent by whichever sender is installed.

That is the gateway at JISHI_SMS_URL (core.sms), in the demo the console. Where there is neither, nothing is written: what nobody
sends would only wait.

A `message.send` row holds `to` and the template's values sealed under `context`: nothing readable lies in the outbox. A
message that is too late to be of use (a one-time code after five minutes) is dropped.
"""

import logging
from datetime import timedelta
from typing import Protocol

from sqlmodel import Session

from core import clock, pii
from core.outbox import emit
from core.settings import settings
from core.sms import Gateway
from core.tasks import Event, handler

log = logging.getLogger("jishi.messages")
TEMPLATES = {
    "one_time_code": "【集市】验证码 {digits}，5 分钟内有效，不要告诉别人。",
    "plain": "【集市】{words}",
}
USEFUL = {"one_time_code": timedelta(minutes=5)}
PLAIN_FIELDS = {"to", "context", "template"}


class NoSender(RuntimeError):
    """Nobody was installed to send messages and this is not the demo."""


class Sender(Protocol):
    """A road to a phone: an SMS gateway's adapter. `key` is the same when the same message is sent again."""

    def send(self, phone: str, words: str, *, key: str) -> None: ...


class Console:
    """The demo's sender: the terminal shows the words, the phone stays masked."""

    def send(self, phone: str, words: str, *, key: str) -> None:
        print(f"[短信 {pii.mask_phone(phone)}] {words}", flush=True)


_sender: Sender | None = None


def install_sender(sender: Sender | None) -> None:
    """Choose who sends from now on; None returns to what the settings say."""
    global _sender
    _sender = sender


def _installed() -> Sender | None:
    if _sender is not None:
        return _sender
    if settings.sms_url:
        return Gateway(settings.sms_url, settings.sms_token)
    return Console() if settings.is_demo else None


def can_send() -> bool:
    """Whether a message would reach anybody."""
    return _installed() is not None


def tell(session: Session, phone: str, words: str, *, tenant_id: int, key: str) -> None:
    """Send `words` to a phone after this transaction commits. The same key again is the same message."""
    if not can_send():
        return
    context = f"message:{key}"
    payload = {"to": pii.seal(phone, context), "context": context, "template": "plain", "words": pii.seal(words, context)}
    emit(session, "message.send", tenant_id=tenant_id, key=key, payload=payload)


def deliver(event: Event) -> str:
    """Hand one message to the sender, with no transaction open; returns what became of it."""
    facts = event.payload
    template = facts["template"]
    if template in USEFUL and event.created_at + USEFUL[template] < clock.now():
        return "too late"
    if (sender := _installed()) is None:
        raise NoSender("no message sender is installed")
    values = {name: pii.unseal(value, facts["context"]) for name, value in facts.items() if name not in PLAIN_FIELDS}
    sender.send(pii.unseal(facts["to"], facts["context"]), TEMPLATES[template].format(**values), key=f"{event.tenant_id}:{event.key}")
    return "sent"


@handler("message.send", ask=deliver)
def keep_outcome(session: Session, event: Event, outcome: str) -> None:
    """Nothing else changes: the row itself says that it is done."""
    log.info("message %s: %s", event.key, outcome)
