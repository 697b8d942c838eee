"""The ledger under a random walk: money comes in, is shared, given back, paid out, clawed back, subsidised and reversed; its balances
are at every step what a plain dictionary says, whoever posts again, posts otherwise, tries to edit, or dies in the middle."""

from collections import defaultdict
from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from core import db
from core.clock import now
from core.ledger.models import Account, Balance, Journal, Posting, Side
from core.ledger.service import AlreadyReversed, EntryDiffers, Overdrawn, balance, history, open_account, post, reverse
from core.money import split
from core.tenant import Tenant
from tests.machines import Crash, crashing, walk
from tests.trial import TRIAL

DEBIT = {"gateway", "bank", "funder", "fees", "debt:grower", "debt:station"}
CREDIT = {"buyer", "grower", "station", "transport", "platform"}
MAY_RUN_NEGATIVE = {"transport", "platform", "bank"}
EARNERS = ("grower", "station", "transport", "platform")
OWN = "walk:"  # accounts of its own: what the shop's are for says another rule
FEN = st.integers(1, 10**7)
TENANTS = count(1)
EDITS = (
    "UPDATE posting SET amount_fen = amount_fen + 1",
    "UPDATE journal SET key = 'x'",
    "DELETE FROM posting",
    "DELETE FROM journal",
)


class Ledger(RuleBasedStateMachine):
    posted = Bundle("posted")

    @initialize()
    def begin(self) -> None:
        """A county of its own: walks never meet."""
        self.numbers = count(1)
        self.entries: dict[str, dict[str, int]] = {}
        self.reversals: dict[str, str] = {}  # key of the entry → key of its reversal
        self.held: dict[str, int] = defaultdict(int)
        with db.writing() as session:
            tenant = Tenant(code=f"walk-{next(TENANTS)}", name="walk", created_at=now())
            session.add(tenant)
            session.flush()
            self.tenant_id = tenant.id or 0
            self.ids = {
                code: open_account(
                    session, f"{OWN}{code}", tenant_id=self.tenant_id, side=Side.DEBIT if code in DEBIT else Side.CREDIT,
                    may_be_negative=code in MAY_RUN_NEGATIVE,
                ).id or 0
                for code in sorted(DEBIT | CREDIT)
            }  # fmt: skip

    # the verbs

    @rule(target=posted, fen=FEN)
    def capture(self, fen: int):
        return self._post({"gateway": fen, "buyer": -fen})

    @rule(target=posted, weights=st.lists(st.integers(0, 10_000), min_size=4, max_size=4).filter(any), part=st.integers(1, 100))
    def share(self, weights: list[int], part: int):
        whole = self.held["buyer"] * part // 100
        parts = split(whole, weights)
        assert sum(parts) == whole and all(abs(p * sum(weights) - whole * w) < sum(weights) for p, w in zip(parts, weights, strict=True))
        return self._post({"buyer": whole, **{code: -fen for code, fen in zip(EARNERS, parts, strict=True)}})

    @rule(target=posted, part=st.integers(1, 120))
    def refund(self, part: int):
        fen = self.held["buyer"] * part // 100
        return self._post({"buyer": fen, "gateway": -fen})

    @rule(target=posted, party=st.sampled_from(EARNERS), part=st.integers(1, 150))
    def pay_out(self, party: str, part: int):
        fen = max(0, self.held[party]) * part // 100
        return self._post({party: fen, "bank": -fen})

    @rule(target=posted, party=st.sampled_from(["grower", "station"]), fen=FEN)
    def claw_back(self, party: str, fen: int):
        """What the account does not hold any more is owed."""
        there = min(fen, self.held[party])
        return self._post({party: there, f"debt:{party}": fen - there, "buyer": -fen})

    @rule(target=posted, party=st.sampled_from(EARNERS), fen=FEN)
    def subsidise(self, party: str, fen: int):
        return self._post({"funder": fen, party: -fen})

    @rule(target=posted, part=st.integers(1, 101), fee_bp=st.integers(0, 100))
    def settle_with_gateway(self, part: int, fee_bp: int):
        fen = self.held["gateway"] * part // 100
        fee, rest = split(fen, (fee_bp, 10_000 - fee_bp))
        return self._post({"bank": rest, "fees": fee, "gateway": -fen})

    @rule(key=posted)
    def take_back(self, key: str) -> None:
        """Once, by a mirror: again under its key is the same, under another is refused."""
        other = f"reverse:{key}:{next(self.numbers)}"
        mirrored = {code: -fen for code, fen in self.entries[key].items()}
        if key in self.reversals:
            with pytest.raises(AlreadyReversed), db.writing() as session:
                reverse(session, self._journal(session, key), key=other)
            with db.writing() as session:
                assert reverse(session, self._journal(session, key), key=self.reversals[key]).key == self.reversals[key]
        elif self._overdraws(mirrored):
            with pytest.raises(Overdrawn), db.writing() as session:
                reverse(session, self._journal(session, key), key=other)
        else:
            with db.writing() as session:
                reverse(session, self._journal(session, key), key=other)
            self.reversals[key] = other
            self._moved(mirrored)

    # what must not do anything

    @rule(key=posted)
    def post_again(self, key: str) -> None:
        with db.writing() as session:
            assert self._write(session, key, self.entries[key]).id == self._journal(session, key).id

    @rule(key=posted, fen=FEN)
    def post_otherwise(self, key: str, fen: int) -> None:
        other = {"gateway": fen, "buyer": -fen}
        if other == self.entries[key]:
            return
        with pytest.raises(EntryDiffers), db.writing() as session:
            self._write(session, key, other)

    @rule(edit=st.sampled_from(EDITS))
    @precondition(lambda self: self.entries)
    def edit(self, edit: str) -> None:
        with pytest.raises(DBAPIError), db.writing() as session:
            session.execute(text(f"{edit} WHERE tenant_id = {self.tenant_id}"))

    @rule(fen=FEN, after=st.integers(0, 8))
    def die_in_the_middle(self, fen: int, after: int) -> None:
        """Between any two writes of two entries, or after the last and before the commit: neither is there."""
        with crashing(after), db.writing() as session:
            self._write(session, "never:1", {"gateway": fen, "buyer": -fen})
            self._write(session, "never:2", {"buyer": fen, "grower": -fen})
            raise Crash

    # how it stands

    @invariant()
    def balances_are_the_models(self) -> None:
        if not hasattr(self, "ids"):
            return
        with db.reading() as session:
            rows = session.exec(
                select(Account.code, Balance.amount_fen)
                .join(Balance, col(Balance.account_id) == col(Account.id))
                .where(Account.tenant_id == self.tenant_id)
            )
            found = {code.removeprefix(OWN): fen for code, fen in rows if fen}
        assert found == {code: fen for code, fen in self.held.items() if fen}
        assert sum(fen if code in DEBIT else -fen for code, fen in found.items()) == 0
        assert all(fen > 0 for code, fen in found.items() if code not in MAY_RUN_NEGATIVE)

    def teardown(self) -> None:
        if not hasattr(self, "ids"):
            return
        with db.reading() as session:
            for code, account_id in self.ids.items():
                told = sum(posting.amount_fen for posting, _ in history(session, account_id, limit=1000))
                assert balance(session, account_id) == (told if code in DEBIT else -told) == self.held[code]
            asked = select(func.count(), func.coalesce(func.sum(Posting.amount_fen), 0)).where(Posting.tenant_id == self.tenant_id)
            assert session.exec(asked).one()[1] == 0
            keys = session.exec(select(Journal.key).where(Journal.tenant_id == self.tenant_id)).all()
        assert sorted(keys) == sorted([*self.entries, *self.reversals.values()])

    def _post(self, lines: dict[str, int]):
        """Post what balances and moves something; where it would overdraw, it is refused and nothing is there."""
        amounts = {code: fen for code, fen in lines.items() if fen}
        if not amounts:
            return multiple()
        key = f"entry:{next(self.numbers)}"
        if self._overdraws(amounts):
            with pytest.raises(Overdrawn), db.writing() as session:
                self._write(session, key, amounts)
            return multiple()
        with db.writing() as session:
            self._write(session, key, amounts)
        self.entries[key] = amounts
        self._moved(amounts)
        return key

    def _write(self, session: Session, key: str, lines: dict[str, int]) -> Journal:
        pairs = [(self.ids[code], fen) for code, fen in lines.items()]
        return post(session, key, pairs, tenant_id=self.tenant_id, kind=TRIAL, cause_kind="test", cause_code=key)

    def _journal(self, session: Session, key: str) -> Journal:
        return session.exec(select(Journal).where(Journal.tenant_id == self.tenant_id, Journal.key == key)).one()

    def _overdraws(self, lines: dict[str, int]) -> bool:
        return any(self.held[code] + (fen if code in DEBIT else -fen) < 0 for code, fen in lines.items() if code not in MAY_RUN_NEGATIVE)

    def _moved(self, lines: dict[str, int]) -> None:
        for code, fen in lines.items():
            self.held[code] += fen if code in DEBIT else -fen


@pytest.mark.hypothesis
def test_whatever_happens_in_whatever_order_balances_are_the_sum_of_what_happened(database):
    walk(Ledger, steps=25)
