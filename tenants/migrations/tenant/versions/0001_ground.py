"""The ground: everything there was when the first tenants moved in."""

from alembic import op

from tenants import ddl

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(ddl.frozen("tenant", "0001_ground") or ddl.tenant_objects())
