"""I15 of what goes wrong: staff read the words, so nobody's number stands in them."""

from core.checks import keeps_numbers_closed

from .models import Closure, Disruption

keeps_numbers_closed(Disruption, "words", "outcome")
keeps_numbers_closed(Closure, "reason")
