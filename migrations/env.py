"""Alembic's way into the program: the same engine and models, one transaction for each migration."""

from alembic import context

from forum.base.db import db

target = db.metadata


def run() -> None:
    """Migrate the configured database."""
    engine = db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target,
            compare_type=True,
            # Batch mode copies tables on SQLite and drops their triggers: never for the audit chain (decisions.md §6).
            render_as_batch=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
