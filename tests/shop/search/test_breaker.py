"""One failure spares the next callers the wait; one of them tries again later."""

import pytest

from shop.search.breaker import Breaker
from shop.search.engine import IndexMissing, SearchUnavailable


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
    breaker = Breaker(rest=5, ticks=lambda: now[0])
    assert breaker.call(service) == "answer"
    service.fault = SearchUnavailable("down")
    for _ in range(3):
        with pytest.raises(SearchUnavailable):
            breaker.call(service)
    assert service.calls == 2
    now[0] = 5.0
    with pytest.raises(SearchUnavailable):
        breaker.call(service)
    assert service.calls == 3
    now[0], service.fault = 10.0, None
    assert [breaker.call(service), breaker.call(service)] == ["answer", "answer"]


def test_while_one_tries_the_others_do_not_wait() -> None:
    now, service = [0.0], Service()
    breaker = Breaker(rest=5, ticks=lambda: now[0])
    service.fault = SearchUnavailable("down")
    with pytest.raises(SearchUnavailable):
        breaker.call(service)
    now[0] = 5.0

    def trying() -> str:
        with pytest.raises(SearchUnavailable):
            breaker.call(service)
        return "the first"

    assert breaker.call(trying) == "the first"
    assert service.calls == 1


def test_a_missing_index_is_an_answer() -> None:
    service = Service()
    breaker = Breaker(ticks=lambda: 0.0)
    service.fault = IndexMissing()
    for _ in range(2):
        with pytest.raises(IndexMissing):
            breaker.call(service)
    assert service.calls == 2
