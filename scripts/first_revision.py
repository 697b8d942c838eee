"""Write migrations/versions/0001_initial.py anew from the tables, while nothing has been released yet.

.venv/bin/python scripts/first_revision.py
"""

import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from core.settings import ROOT

VERSIONS = ROOT / "migrations/versions"


def main() -> None:
    for old in VERSIONS.glob("*.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder, create_engine(f"sqlite:///{Path(folder) / 'empty.db'}").connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "migrations"))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.attributes["connection"] = connection
        command.revision(config, message="initial", rev_id="0001", autogenerate=True)
    (written,) = VERSIONS.glob("*.py")
    kept = [line for line in written.read_text().splitlines() if "### " not in line]
    written.write_text("\n".join(kept).replace("astext_type=Text()", "astext_type=sa.Text()") + "\n")


if __name__ == "__main__":
    main()
