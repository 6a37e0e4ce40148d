"""Erasures are remembered outside the tenants' schemas, so that a restore repeats them. tenants.cluster has the function that redacts."""

from alembic import op

revision = "0007"
down_revision = "0006"

TOMBSTONE = """CREATE TABLE control.tombstone (
    id UUID DEFAULT uuidv7() NOT NULL, tenant_id UUID NOT NULL, at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, request_id UUID NOT NULL,
    what JSONB NOT NULL, CONSTRAINT pk_tombstone PRIMARY KEY (id), CONSTRAINT uq_tombstone_request_id UNIQUE (request_id))"""


def upgrade() -> None:
    op.execute(TOMBSTONE)
    op.execute("CREATE INDEX ix_tombstone_tenant_id ON control.tombstone (tenant_id, at)")
