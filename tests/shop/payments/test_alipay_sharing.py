"""A paid trade's money shared out inside Alipay: to bound accounts, all or none, once per request."""

import pytest

from shop.payments.alipay_sharing import Receiver, bind_receivers, share_out
from shop.payments.provider import GatewayRefused, GatewaySilent
from shop.payments.service import open_at_gateway
from tests.gateways.alipay import FakeAlipay

from .gateways import begun

GROWER, STATION = Receiver("2088000000000101", "葛大伯"), Receiver("2088000000000102", "应站长")


@pytest.fixture
def paid(county_rows, alipay: FakeAlipay):
    """A paid trade, by Alipay's own number and by ours, and its fen."""
    _number, total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    alipay.scan(code)
    alipay.charge(code)
    return alipay.trades[code].trade_no, code, total


def test_bound_receivers_get_their_parts_once_however_often_it_is_asked(paid, alipay: FakeAlipay):
    trade_no, code, _total = paid
    bind_receivers("bind-1", [GROWER, STATION])
    parts = {GROWER.account: 1000, STATION.account: 101}
    alipay.fail("alipay.trade.order.settle", "silent")
    with pytest.raises(GatewaySilent):
        share_out(trade_no, "share-1", parts, is_last=True)
    assert share_out(trade_no, "share-1", parts, is_last=True) == share_out(trade_no, "share-1", parts, is_last=True)
    assert alipay.trades[code].shared == {"share-1": parts}


def test_what_alipay_does_not_allow_moves_nothing(paid, alipay: FakeAlipay):
    trade_no, code, total = paid
    bind_receivers("bind-1", [GROWER])
    for parts in ({STATION.account: 1}, {GROWER.account: total * 31 // 100}, {}, {f"208800000000020{n}": 1 for n in range(6)}):
        with pytest.raises(GatewayRefused):
            share_out(trade_no, "share-1", parts, is_last=False)
    with pytest.raises(GatewayRefused):
        bind_receivers("bind-2", [STATION._replace(name="别人")])
    assert alipay.trades[code].shared == {}
