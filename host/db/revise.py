"""`python -m host.db.revise "Add recordings"`: write the next migration from the tables in the code."""

import sys
import tempfile
from pathlib import Path

from host.db import migrate
from host.db.engine import Database


def main(message: str) -> None:
    """Migrate an empty database with the existing scripts, and write the next script."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'patchbay.db'}")
        migrate.upgrade(database)
        migrate.write_revision(database, message)
        database.close()


if __name__ == "__main__":
    main(sys.argv[1])
