"""A stand-in for what follows a session's end, for tests of something else."""

from sqlalchemy import Connection

from host.sessions.model import Session


class NothingRemains:
    """Makes no files."""

    def on_ended(self, connection: Connection, session: Session) -> None:
        pass

    def on_changed(self, connection: Connection, session: Session) -> None:
        pass
