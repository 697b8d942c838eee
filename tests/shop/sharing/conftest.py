"""Alipay's gateway to pay through and to share out by, as tests of payments have it."""

from tests.shop.payments.conftest import _demo, alipay

__all__ = ["_demo", "alipay"]
