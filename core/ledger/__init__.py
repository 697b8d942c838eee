"""Double-entry ledger: five calls (open account, post, reverse, balance, history), rows that never change."""
