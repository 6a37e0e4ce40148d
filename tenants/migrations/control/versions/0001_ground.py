"""The ground."""

from alembic import op

from tenants import ddl

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(ddl.control_objects())
