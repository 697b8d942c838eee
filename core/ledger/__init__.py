"""Double-entry ledger: five calls (open account, post, reverse, balance, history), rows that never change.

What each call promises, whoever drives it:

- `open_account` answers the one account of a code in a county, made at the first call.
- `post` enters one balanced entry under a key; the same key and lines again answer the first entry, other lines EntryDiffers, and an
  account that may not go below zero refuses by Overdrawn. Nothing of a refused entry is kept.
- `reverse` enters the mirror of an entry, once.
- `balance` is an account's running total in fen on its own side, equal to the sum of its history.
- `history` are an account's postings with their entries, in the order they were entered.

core.ledger.face is the same for programs in other processes (docs/ledger.md).
"""

from core.ledger.service import balance, history, open_account, post, reverse

__all__ = ["balance", "history", "open_account", "post", "reverse"]
