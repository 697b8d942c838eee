"""One failure spares the next callers the wait; one of them tries again later."""

import pytest

from core.breaker import Breaker


class Down(Exception):
    """No answer."""


class Nothing(Down):
    """An answer, though no good one."""


class Service:
    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.fault:
            raise self.fault
        return "answer"


def test_open_after_a_failure_then_one_try_then_closed() -> None:
    now, service = [0.0], Service()
    breaker = Breaker(Down, rest=5, ticks=lambda: now[0])
    assert breaker.call(service) == "answer"
    service.fault = Down("down")
    for _ in range(3):
        with pytest.raises(Down):
            breaker.call(service)
    assert service.calls == 2
    now[0] = 5.0
    with pytest.raises(Down):
        breaker.call(service)
    assert service.calls == 3
    now[0], service.fault = 10.0, None
    assert [breaker.call(service), breaker.call(service)] == ["answer", "answer"]


def test_while_one_tries_the_others_do_not_wait() -> None:
    now, service = [0.0], Service()
    breaker = Breaker(Down, rest=5, ticks=lambda: now[0])
    service.fault = Down("down")
    with pytest.raises(Down):
        breaker.call(service)
    now[0] = 5.0

    def trying() -> str:
        with pytest.raises(Down):
            breaker.call(service)
        return "the first"

    assert breaker.call(trying) == "the first"
    assert service.calls == 1


def test_what_is_an_answer_does_not_open_it() -> None:
    service = Service()
    breaker = Breaker(Down, answers=(Nothing,), ticks=lambda: 0.0)
    service.fault = Nothing()
    for _ in range(2):
        with pytest.raises(Nothing):
            breaker.call(service)
    assert service.calls == 2
