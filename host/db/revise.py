"""`python -m host.db.revise "Add recordings"`: write the migration that the tables in the code need."""

import sys
import tempfile
from pathlib import Path

from host.db import migrate
from host.db.engine import Database


def main(message: str) -> None:
    """Migrate an empty database as far as the scripts lead, and write the next script from there."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'patchbay.db'}")
        migrate.upgrade(database)
        migrate.write_revision(database, message)
        database.close()


if __name__ == "__main__":
    main(sys.argv[1])
