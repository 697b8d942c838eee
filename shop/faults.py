"""What is wrong around an installation and not in it – a folder, a disk, a database – said in one line instead of a traceback."""

ENVIRONMENT = ("not a database", "malformed", "unable to open", "readonly", "disk", "locked")  # of SQLite's own words


def plain(error: BaseException) -> str | None:
    """The line, or None where the fault is our own and its traceback is wanted."""
    from core.errors import JishiError  # here and below: slow to import for commands that never fail

    if isinstance(error, JishiError):
        return error.detail
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
    return _database(error)


def _database(error: BaseException) -> str | None:
    from sqlalchemy.exc import DBAPIError, OperationalError

    from core.settings import settings
    from shop.schema import place

    if not isinstance(error, DBAPIError):
        return None
    said = next(iter(str(error.orig).strip().splitlines()), type(error.orig).__name__)
    if settings.is_sqlite and not any(words in said for words in ENVIRONMENT):
        return None
    return f"{place()}: {said}" if settings.is_sqlite or isinstance(error, OperationalError) else None
