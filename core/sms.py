"""Messages to phones through an HTTP gateway of the operator's choice.

One POST of JSON `{"phone": "13911112222", "words": "…", "key": "1:code:7"}` to JISHI_SMS_URL, with `Authorization: Bearer` and
JISHI_SMS_TOKEN when one is set. Any 2xx is an answer that it was taken; anything else raises, and the outbox tries again with the
same `key`, by which the gateway can tell a message it has sent already.
"""

from typing import NamedTuple

ANSWER_S = 10.0  # far shorter than an outbox row is claimed for


class NotTaken(RuntimeError):
    """The gateway did not take the message; the words name neither phone nor message."""


class Gateway(NamedTuple):
    url: str
    token: str | None = None

    def send(self, phone: str, words: str, *, key: str) -> None:
        import httpx  # only who sends needs it

        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            answer = httpx.post(self.url, json={"phone": phone, "words": words, "key": key}, headers=headers, timeout=ANSWER_S)
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise NotTaken(f"the message gateway cannot be reached: {type(failure).__name__}") from None
        if not answer.is_success:
            raise NotTaken(f"the message gateway answered {answer.status_code}")
