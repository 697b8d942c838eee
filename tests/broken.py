"""What one promise's invariants find, for tests that ask in the middle of a tale; after it all of them are asked anyway."""

from sqlmodel import Session

from shop.invariants import registered


def broken(session: Session, code: str) -> list[str]:
    """The words of those with this code that do not hold."""
    session.flush()
    return [each.words for each in registered() if each.code == code and list(each.probe(session))]
