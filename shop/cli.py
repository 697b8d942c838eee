"""The command line. Commands import what they need when they run, so that each starts fast.

What a command makes (database, files, archives) is its owner's alone, and what is wrong with a disk, a folder or a database is
one line on stderr and exit code 1.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.settings import settings

cli = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="集市 jishi: a county's market and its movement."
)


county = typer.Typer(no_args_is_help=True, help="The county this installation serves.")
admin = typer.Typer(no_args_is_help=True, help="The county's administrators, made on the machine itself.")
gtfs = typer.Typer(no_args_is_help=True, help="The county's timetable to and from GTFS, see docs/gtfs.md.")
cli.add_typer(county, name="county")
cli.add_typer(gtfs, name="gtfs")
cli.add_typer(admin, name="admin")
settle = typer.Typer(invoke_without_command=True, help="Statements: what would be paid (without a command), and the steps of a run.")
cli.add_typer(settle, name="settle")
subsidies = typer.Typer(no_args_is_help=True, help="Subsidies: what a month's causes bring.")
cli.add_typer(subsidies, name="subsidies")
PRIVATE = 0o077


def main() -> None:
    os.umask(PRIVATE)
    try:
        cli()
    except Exception as error:
        from shop.faults import plain

        if (words := plain(error)) is None:
            raise
        print(f"jishi: {words}", file=sys.stderr)
        raise SystemExit(1) from None


@cli.command()
def up(county: Annotated[str, typer.Option(help="which profile to load when there is none yet")] = "ninghai") -> None:
    """Everything at once for a look around: the demo county, the shop and its worker (make run)."""
    from shop.demonstration import up

    raise typer.Exit(up(settings.county or county))


@cli.command()
def demo(
    county: Annotated[str, typer.Option(help="a folder of data/counties")] = "ninghai",
    fresh: Annotated[bool, typer.Option("--fresh", help="throw away what is there")] = False,
    days: Annotated[int, typer.Option(min=0, max=400, help="days of history, ending yesterday")] = 7,
    orders: Annotated[int, typer.Option(min=0, max=100_000, help="orders a day")] = 30,
    progress: Annotated[bool, typer.Option("--progress", hidden=True)] = False,
) -> None:
    """Load a county with lines, stations, produce, stock and history made by driving the real verbs."""
    from shop.loading import load

    load(county, fresh=fresh, days=days, orders=orders, marked=progress)


@cli.command()
def serve(host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1") -> None:
    """The storefront of a production install (put a TLS proxy in front)."""
    from shop import serve as serving

    serving.refuse_unsafe()
    raise typer.Exit(
        serving.run(serving.checked_application, opened=lambda: print(f"serving on {host}:{settings.port}", flush=True), host=host)
    )


@cli.command()
def worker(
    processes: Annotated[int, typer.Option(min=1, max=64, help="pool processes with a broker")] = 2,
    only: Annotated[str, typer.Option(help="with a broker: heavy (plans) or rows (everything else); nothing for both")] = "",
) -> None:
    """Background work: outbox, notices, due work. With JISHI_BROKER_URL through the broker, else alone on this machine."""
    if only not in ("", "rows", "heavy") or (only and not settings.broker_url):
        print("jishi worker: --only is rows or heavy, and needs JISHI_BROKER_URL", file=sys.stderr)
        raise typer.Exit(2)
    from shop import serve
    from shop.worker import run

    serve.refuse_unsafe()
    raise typer.Exit(run(processes, only))


@cli.command()
def migrate() -> None:
    """Bring the database to this version's shape; safe to run twice, and twice at once."""
    from shop import schema, serve

    serve.refuse_unsafe()
    print("migrated to" if schema.upgrade() else "already at", schema.head())


@county.command("load")
def county_load(
    profile: Annotated[str, typer.Argument(help="a folder of data/counties by its name, or the path of another")],
    shelves: Annotated[bool, typer.Option(help="also list the products that the profile names, with empty shelves")] = True,
) -> None:
    """A county from its profile: rules, stations, roads, timetable and tariffs; no people, no stock, nothing invented."""
    from shop import opening, serve

    serve.refuse_unsafe()
    print(opening.open_county(profile, shelves=shelves))


@admin.command("add")
def admin_add(phone: str, name: Annotated[str, typer.Option(help="as colleagues read it")] = "") -> None:
    """Make an administrator, or let one in again who is locked out: prints a password that opens once, to choose an own one."""
    from shop import opening, serve

    serve.refuse_unsafe()
    print(opening.add_admin(phone, name))


@cli.command()
def password(phone: str) -> None:
    """A new one-time password for somebody with an account, where no message can be sent."""
    from shop import opening, serve

    serve.refuse_unsafe()
    print(opening.renew_password(phone))


@cli.command()
def check() -> None:
    """Every invariant, a line each with its count; exit code 1 if any is broken."""
    from shop import schema
    from shop.check import report

    schema.need_current()
    raise typer.Exit(report())


@cli.command()
def ledger(
    as_json: Annotated[bool, typer.Option("--json", help="a JSON call a line on stdin, an answer a line on stdout")] = False,
    scratch: Annotated[Path | None, typer.Option(help="a folder of its own for the book; else JISHI_HOME or JISHI_DATABASE_URL")] = None,
) -> None:
    """The ledger's five calls for a conformance suite, in a scratch book, see docs/ledger.md; never in a county's."""
    if not as_json:
        print("jishi ledger: speaks JSON alone: --json", file=sys.stderr)
        raise typer.Exit(2)
    from shop.ledgering import converse

    raise typer.Exit(converse(scratch))


@cli.command()
def reindex() -> None:
    """Rebuild the search index while searching goes on with the old one."""
    import shop.wiring  # noqa: F401 - the floors below the index
    from core.tasks.lanes import alone_in
    from shop import schema
    from shop.search.service import rebuild

    schema.need_current()
    with alone_in("search"):
        print(f"{rebuild()} products indexed")


@cli.command()
def dead(replay: Annotated[str, typer.Option(metavar="ID|all", help="give this one, or all of them, new tries")] = "") -> None:
    """Work that was given up after eight tries: a line each, and new tries once what was wrong is put right."""
    from shop import schema
    from shop.condition.command import list_dead, replay_dead

    schema.need_current()
    raise typer.Exit(replay_dead(replay) if replay else list_dead())


@cli.command()
def backup(file: Path) -> None:
    """The whole installation into one file, while it runs: database, files, secret, mode."""
    from shop import schema
    from shop.backup import backup

    schema.need_own_secret()
    print(backup(file))


@cli.command()
def restore(file: Path) -> None:
    """A backup into an empty installation, checked by every invariant afterwards."""
    from shop.backup import restore

    raise typer.Exit(restore(file))


@gtfs.command("import")
def gtfs_import(
    file: Annotated[Path, typer.Argument(help="a zip file of GTFS tables")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="end the runs of the feed's lines that the feed does not name")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the report for a program")] = False,
) -> None:
    """Take a timetable into the county, all of it or nothing: added and replaced by code, the same file twice changes nothing."""
    from shop import exchange, schema

    schema.need_current()
    raise typer.Exit(exchange.import_file(file, withdraw=withdraw, as_json=as_json))


@gtfs.command("export")
def gtfs_export(file: Annotated[Path, typer.Argument(help="where the zip file goes")]) -> None:
    """The county's timetable as a GTFS feed, what goods need in x_ tables beside it."""
    from shop import exchange, schema

    schema.need_current()
    raise typer.Exit(exchange.export_file(file))


@cli.command()
def plan(
    date: Annotated[str, typer.Option("--date", help="the service day, 2026-05-23")] = "",
    wave: Annotated[str, typer.Option(help="a trunk cut-off of the day, 1430")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
    instance: Annotated[Path | None, typer.Option(help="plan one instance file, no database")] = None,
    out: Annotated[Path | None, typer.Option(help="where the answer to an instance goes")] = None,
    seconds: Annotated[float, typer.Option(help="time to solve an instance, 0.1 to 86400")] = 30.0,
) -> None:
    """Batch the waiting parcels onto departures and trunks."""
    if (instance is None) != (out is None):
        print("jishi plan: --instance and --out belong together: a file to plan, and where its answer goes", file=sys.stderr)
        raise typer.Exit(2)
    if instance is not None and out is not None:
        if not 0.1 <= seconds <= 86_400:  # nor what is no number: it would never be over
            print(f"jishi plan: --seconds: must be from 0.1 to 86400, is {seconds:g}", file=sys.stderr)
            raise typer.Exit(2)
        if not out.name:
            print("jishi plan: --out: must name a file", file=sys.stderr)
            raise typer.Exit(2)
        if os.path.realpath(out) == os.path.realpath(instance):
            print(f"jishi plan: --out: {out} is the instance itself; the answer needs a file of its own", file=sys.stderr)
            raise typer.Exit(2)
        from fulfillment.batching.solve import plan_instance

        raise typer.Exit(plan_instance(instance, out, seconds))
    from shop import planning, schema

    schema.need_current()
    raise typer.Exit(planning.plan_day(date, wave=wave, as_json=as_json))


RunCode = Annotated[str, typer.Argument(help="the run's code, see jishi settle list")]
By = Annotated[str, typer.Option(help="the phone of who does it, of finance; asks for the password")]
Until = Annotated[str, typer.Option(help="the last day that is settled, 2026-05-31; today without it")]


@settle.callback()
def settle_preview(
    context: typer.Context, until: Until = "", dry_run: Annotated[bool, typer.Option("--dry-run", help="the same thing")] = False
) -> None:  # fmt: skip
    """Who would be paid what, and who is carried over; nothing is written."""
    from shop import schema, settling

    schema.need_current()
    if context.invoked_subcommand is None:
        raise typer.Exit(settling.show(until))
    if until or dry_run:
        print("jishi settle: --until and --dry-run are of the preview; a step takes its own", file=sys.stderr)
        raise typer.Exit(2)


@settle.command("list")
def settle_list() -> None:
    """The runs, the last first."""
    from shop import settling

    raise typer.Exit(settling.list_runs())


@settle.command("freeze")
def settle_freeze(until: Until = "", by: By = "") -> None:
    """One statement for everybody who is paid; their rows are bound to it."""
    from shop import settling

    raise typer.Exit(settling.freeze(until, by=by))


@settle.command("approve")
def settle_approve(run: RunCode, by: By = "") -> None:
    """By a second person."""
    from shop import settling

    raise typer.Exit(settling.approve(run, by=by))


@settle.command("share")
def settle_share(run: RunCode, by: By = "") -> None:
    """Where the county shares out: give Alipay payees their part straight out of buyers' payments, before the export."""
    from shop import settling

    raise typer.Exit(settling.share(run, by=by))


@settle.command("export")
def settle_export(run: RunCode, to: Annotated[Path, typer.Option(help="a folder")], by: By = "") -> None:
    """The bank's file, Alipay's transfer list and the list of who is paid by hand; from here on nothing is voided."""
    from shop import settling

    raise typer.Exit(settling.export(run, by=by, folder=to))


@settle.command("paid")
def settle_paid(run: RunCode, by: By = "", reference: Annotated[str, typer.Option(help="the bank's own number")] = "") -> None:
    """The money has left: income is paid, the ledger moves."""
    from shop import settling

    raise typer.Exit(settling.paid(run, by=by, reference=reference))


@settle.command("reconcile")
def settle_reconcile(run: RunCode, file: Annotated[Path, typer.Argument(help="the bank's list as CSV")], by: By = "") -> None:
    """Hold the run against the bank's list: confirmed or sent back, line by line; exit code 1 if something does not fit."""
    from shop import settling

    raise typer.Exit(settling.reconcile(run, file, by=by))


@settle.command("void")
def settle_void(run: RunCode, reason: Annotated[str, typer.Option(help="why")], by: By = "") -> None:
    """Give the rows back to the next run, before the bank has the file."""
    from shop import settling

    raise typer.Exit(settling.void(run, by=by, reason=reason))


@subsidies.command("award")
def subsidies_award(month: Annotated[str, typer.Option(help="2026-05; this month without it")] = "") -> None:
    """Award what stands of a month, each cause once; what the budgets have no room for is listed as waiting."""
    from shop import awarding, schema

    schema.need_current()
    raise typer.Exit(awarding.award(month))
