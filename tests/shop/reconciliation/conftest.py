"""Gateways to pay through, as tests of payments have them."""

from tests.shop.payments.conftest import _demo, alipay, stripe

__all__ = ["_demo", "alipay", "stripe"]
