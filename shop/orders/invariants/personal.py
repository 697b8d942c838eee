"""I15: who an order is for, where to and what was asked lie sealed."""

from core.checks import keeps_sealed
from shop.orders.models import Order

keeps_sealed(Order, "name_sealed", "phone_sealed", "detail_sealed", "note_sealed")
