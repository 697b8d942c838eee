"""`jishi dead`: what was given up, and new tries for it."""

import sys

from core import clock, db
from core.tasks.dead import dead_letters, revive

MOST = 1000


def list_dead() -> int:
    """A line each: id, name, when it was given up, tries, the last error with full numbers masked."""
    with db.reading() as session:
        letters = dead_letters(session, limit=MOST)
    for letter in letters:
        when = clock.local(letter.dead_at).strftime("%Y-%m-%d %H:%M")
        print(f"{letter.id}  {letter.topic} {letter.key}  {when}  {letter.attempts} tries  {letter.error}")
    print(f"{len(letters)} given up" + ("; jishi dead --replay ID or all gives them new tries" if letters else ""))
    return 0


def replay_dead(which: str) -> int:
    """New tries for one or for all; 1 when there is nothing of that name. A running worker does them at once."""
    if which != "all" and not which.isdecimal():
        print("jishi dead: --replay takes an id that jishi dead lists, or all", file=sys.stderr)
        return 2
    with db.writing() as session:
        count = revive(session, None if which == "all" else [int(which)], by="operator")
    if not count and which != "all":
        print(f"jishi dead: {which} was not given up", file=sys.stderr)
        return 1
    print(f"{count} tried again")
    return 0
