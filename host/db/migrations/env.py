"""What Alembic runs: our tables, on the connection that `host.db.migrate` hands in."""

from alembic import context

from host.db.migrate import configuration

context.configure(connection=context.config.attributes["connection"], **configuration())
context.run_migrations()
