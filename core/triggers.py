"""Rows that history must not lose: the database itself refuses UPDATE and DELETE on append-only tables.

Applied after every migration (SQLite's batch mode drops triggers with the table it rebuilds), read back by a test.
"""

from sqlalchemy import Connection, inspect, text

APPEND_ONLY = ("journal", "posting", "audit_entry", "audit_seal", "stock_movement", "status_event", "scan")


def apply_triggers(connection: Connection) -> list[str]:
    """(Re)create the triggers for every append-only table that exists; returns the tables covered."""
    present = [t for t in APPEND_ONLY if t in inspect(connection).get_table_names()]
    if connection.dialect.name == "sqlite":
        for table in present:
            for act in ("UPDATE", "DELETE"):
                name = f"{table}_no_{act.lower()}"
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
                connection.execute(
                    text(f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")
                )
            # INSERT OR REPLACE deletes without firing DELETE triggers unless recursive_triggers is on
            name = f"{table}_no_replace"
            key = inspect(connection).get_pk_constraint(table)["constrained_columns"][0]
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
            connection.execute(
                text(
                    f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN NEW.{key} IS NOT NULL AND EXISTS"
                    f" (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
                    f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            )
        return present
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    )
    for table in present:
        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"))
        connection.execute(
            text(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        )
    return present
