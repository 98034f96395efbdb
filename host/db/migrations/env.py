"""Alembic's entry point: runs migrations on the connection that `host.db.migrate` passes."""

from alembic import context

from host.db.migrate import configuration

context.configure(connection=context.config.attributes["connection"], **configuration())
context.run_migrations()
