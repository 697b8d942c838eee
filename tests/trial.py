"""Journals that tests of the ledger post themselves: nothing in the shop explains them, so they are of a kind of their own."""

from core.ledger.invariants import explains

TRIAL = "trial"
explains(TRIAL)
