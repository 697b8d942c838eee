"""`jishi settle`: what a run would pay, and its steps one by one. Each can be asked for again; what is done stays done.

Whoever acts says so by phone and proves it by password (asked for, or the first line of standard input): the second person of an
approval is a person, not another command of the first one's.
"""

import getpass
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from sqlmodel import Session

import shop.wiring  # noqa: F401 - what follows from what
from core import clock, db
from core.auth import passwords
from core.auth.current import grants_of
from core.auth.service import find_user, forget_failures, take_try
from core.errors import JishiError
from core.moments import read_day
from core.money import format_fen
from core.pii import normalise_phone
from core.tenant import resolve
from fulfillment.settlement import paying, reading, service
from fulfillment.settlement.drafting import Draft, preview
from fulfillment.settlement.files import payment_file
from fulfillment.settlement.matching import match
from fulfillment.settlement.models import SettlementRun, Statement, Way
from fulfillment.settlement.words import names_of
from shop.sharing import service as sharing
from shop.sharing.files import take_list
from shop.sharing.queries import sums
from supply.counties.models import County

Deed = Callable[[Session, SettlementRun, str], str]
PRIVATE = 0o600


def show(until: str) -> int:
    """What a run up to that day would freeze now; nothing is written."""

    def work() -> str:
        with db.reading() as session:
            county, day = _county(session), _day(until)
            drafts = preview(session, county, day)
            names = names_of(session, [(d.kind, d.code) for d in drafts])
        paid = [d for d in drafts if not d.carried]
        lines = [_line(d, names[d.kind, d.code]) for d in drafts]
        total = sum(d.payout_fen for d in paid)
        end = f"{len(paid)} statements, {format_fen(total)} to pay; {len(drafts) - len(paid)} carried over. Nothing is frozen yet:"
        return "\n".join([f"until {day}", *lines, f"{end} jishi settle freeze --until {day} --by PHONE"])

    return _told(work)


def list_runs() -> int:
    def work() -> str:
        with db.reading() as session:
            found, _ = reading.runs(session, tenant_id=_county(session).id)
        return "\n".join(f"{r.code}  until {r.until}  {r.status:<10}  {format_fen(r.payout_fen):>14}" for r in found) or "no runs yet"

    return _told(work)


def freeze(until: str, *, by: str) -> int:
    def work() -> str:
        day, who = _day(until), _finance(by)
        code = db.run_write(lambda session: service.freeze(session, _county(session), day, by=who).code)
        return f"{code} is frozen. Next, by a second person: jishi settle approve {code} --by PHONE"

    return _told(work)


def approve(code: str, *, by: str) -> int:
    def work(session: Session, run: SettlementRun, who: str) -> str:
        service.approve(session, run, by=who)
        return f"{run.code} is approved. Next: jishi settle export {run.code} --to FOLDER --by PHONE"

    return _on_run(code, by, work)


def share(code: str, *, by: str) -> int:
    """What a run's Alipay payees are given straight out of buyers' payments is settled; workers ask Alipay for it."""

    def work(session: Session, run: SettlementRun, who: str) -> str:
        left = sharing.share_out(session, _county(session), run, by=who)
        total = sums(session, run)
        given, instead = format_fen(total.shared_fen), format_fen(total.refused_fen)
        told = f"{run.code}: {given} shared, {instead} to be transferred instead, {left} unanswered"
        if left:
            return f"{told}. Workers are asking Alipay; look again: jishi settle share {run.code} --by PHONE"
        return f"{told}. Next: jishi settle export {run.code} --to FOLDER --by PHONE"

    return _on_run(code, by, work)


def void(code: str, *, by: str, reason: str) -> int:
    def work(session: Session, run: SettlementRun, who: str) -> str:
        service.void(session, run, by=who, reason=reason)
        return f"{run.code} is void; its rows stand in the next run"

    return _on_run(code, by, work)


def export(code: str, *, by: str, folder: Path) -> int:
    """The payment files into a folder, readable by their owner alone; the same run again writes the same files."""

    def work(session: Session, run: SettlementRun, who: str) -> str:
        service.give_to_bank(session, run, by=who)
        files = [payment_file(run, service.statements_of(session, run), way) for way in Way]
        files += [take_list(session, run, by=who)] if run.shared_at else []
        folder.mkdir(parents=True, exist_ok=True)
        for each in files:
            path = folder / each.name
            path.touch(mode=PRIVATE)
            path.chmod(PRIVATE)
            path.write_bytes(each.body)
        names = " ".join(str(folder / each.name) for each in files)
        return f"{names}\nNext, when the money has left: jishi settle paid {run.code} --by PHONE"

    return _on_run(code, by, work)


def paid(code: str, *, by: str, reference: str) -> int:
    """Every statement in a transaction of its own: ended in the middle, the rest is paid by asking again."""
    return _each(code, by, "paid", lambda session, statement, who: paying.mark_paid(session, statement, by=who, reference=reference))


def _each(code: str, by: str, word: str, step: Callable[[Session, Statement, str], bool]) -> int:
    def work() -> str:
        who = _finance(by)
        with db.reading() as session:
            run = service.run_named(session, code, tenant_id=_county(session).id)
            ids = [statement.id for statement in service.statements_of(session, run)]
        done = [db.run_write(partial(_step, statement_id=each or 0, step=step, by=who)) for each in ids]
        return f"{code}: {sum(done)} {word} now, {len(done) - sum(done)} before"

    return _told(work)


def _step(session: Session, *, statement_id: int, step: Callable[[Session, Statement, str], bool], by: str) -> bool:
    return step(session, session.get_one(Statement, statement_id), by)


def reconcile(code: str, file: Path, *, by: str) -> int:
    """Against the bank's own list; 1 where a line does not fit or a payment is missing in it."""
    told: list[str] = []

    def work() -> str:
        who = _finance(by)
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as wrong:
            raise ValueError(f"{file}: {wrong}") from wrong
        with db.reading() as session:
            run = service.run_named(session, code, tenant_id=_county(session).id)
            found = match(text, service.statements_of(session, run))
        done = sum(db.run_write(partial(_settle, code=m.statement.code, is_back=m.is_back, by=who)) for m in found.matched)
        told.extend(f"{each}: another amount than ours" for each in found.wrong)
        told.extend(f"{each}: no statement of this run" for each in found.foreign)
        told.extend(f"{each}: paid, and not in the list" for each in found.missing)
        return "\n".join([*told, f"{code}: {done} settled now, {len(found.matched) - done} before, {len(told)} to look at"])

    return _told(work) or (1 if told else 0)


def _settle(session: Session, *, code: str, is_back: bool, by: str) -> bool:
    statement = paying.statement_named(session, code, tenant_id=_county(session).id)
    return paying.send_back(session, statement, by=by) if is_back else paying.reconcile(session, statement, by=by)


def _on_run(code: str, by: str, deed: Deed) -> int:
    def work() -> str:
        who = _finance(by)
        return db.run_write(lambda session: deed(session, service.run_named(session, code, tenant_id=_county(session).id), who))

    return _told(work)


def _told(work: Callable[[], str]) -> int:
    """Print what was done; 2 with the reason where it could not be."""
    try:
        print(work())
    except (JishiError, ValueError) as refused:
        print(f"jishi settle: {getattr(refused, 'detail', refused)}", file=sys.stderr)
        return 2
    return 0


def _county(session: Session) -> County:
    return session.get_one(County, resolve(session, "").id)


def _day(text: str) -> date:
    return read_day(text) if text else clock.today()


def _finance(phone: str) -> str:
    """The code of a finance user who proves to be the one. Raises ValueError."""
    if not phone:
        raise ValueError("--by: say who you are, by your phone number")
    number = normalise_phone(phone)
    given = getpass.getpass(f"password of {number[:3]}****{number[-4:]}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with db.writing() as session:
        take_try(session, number)
        user = find_user(session, number)
        tenant = _county(session).id
        roles = {role for role, _kind, _code in grants_of(session.connection(), user.id or 0, tenant)} if user else set()
    hashed = user.password_hash if user and user.disabled_at is None and user.password_until is None else None
    if not passwords.matches(given, hashed) or user is None or "finance" not in roles:
        raise ValueError("the password is not right, or this is nobody of finance")
    with db.writing() as session:
        forget_failures(session, number)
    return user.code


def _line(draft: Draft, name: str) -> str:
    what = draft.carried or (f"{format_fen(draft.netted_fen)} kept in cash" if draft.netted_fen else "")
    owed = draft.amount_fen if draft.carried else draft.payout_fen
    return f"{draft.kind:<8} {draft.code:<22} {format_fen(owed):>14}  {len(draft.rows):>5} rows  {name}  {what}".rstrip()
