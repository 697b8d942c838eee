"""Alipay's bill of a day: every movement once, nothing half read."""

import io
from datetime import timedelta
from zipfile import ZipFile

import pytest
from sqlmodel import select

from core import clock, db
from shop.payments.alipay_bill import bill_of, read_bill
from shop.payments.models import Refund
from shop.payments.provider import GatewaySilent
from shop.payments.service import cancel_order, open_at_gateway
from tests.gateways.alipay import FakeAlipay
from tests.shop.buying import order_of

from .gateways import begun, knock, worked


def test_the_bill_of_a_day_names_every_payment_and_refund_by_our_own_numbers(county_rows, alipay: FakeAlipay):
    assert bill_of(clock.today()) == []
    number, total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    alipay.scan(code)
    knock(alipay.charge(code))
    worked()
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    worked()
    with db.reading() as session:
        refund = session.exec(select(Refund.code)).one()
    fee = total * 6 // 1000
    paid, given = bill_of(clock.today())
    assert paid[:5] == ("payment", code, "", total, fee)
    assert given[:5] == ("refund", code, refund, total, -fee)
    assert (paid.ref, paid.number, given.number) == (alipay.trades[code].trade_no, code, refund)
    assert paid.at is not None and clock.business_date(paid.at) == clock.today()
    assert bill_of(clock.today() - timedelta(days=1)) == []


def packed(text: str, name: str = "明细.csv") -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as tables:
        tables.writestr(name, text.encode("gbk"))
    return made.getvalue()


HEAD = "商户订单号,业务类型,订单金额（元）,退款批次号/请求号"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"<html>",
        packed(""),
        packed(HEAD + "\na,交易,x,"),
        packed(HEAD + "\na,交易"),
        packed(HEAD + "\na,别的,1.00,"),
        packed(HEAD, "汇总.csv"),
    ],
)
def test_a_bill_that_cannot_be_read_whole_is_none(sent):
    with pytest.raises(GatewaySilent):
        read_bill(sent)


def test_a_day_on_which_nothing_moved_is_an_empty_bill():
    assert read_bill(packed("#begin\n" + HEAD + "\n#end")) == []
