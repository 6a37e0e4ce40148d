"""API tokens are bound to a role and to rooms; what they ask for later is narrowed by them too; without an end only by a rule."""

from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE api_token ADD COLUMN role_id UUID, ADD COLUMN rooms VARCHAR[], ADD COLUMN reading BOOLEAN DEFAULT false NOT NULL, "
        "ADD CONSTRAINT fk_api_token_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE CASCADE"
    )
    op.execute("CREATE INDEX ix_api_token_role_id ON api_token (role_id) WHERE role_id IS NOT NULL")
    op.execute("ALTER TABLE sign_in_rules ADD COLUMN endless_tokens BOOLEAN DEFAULT false NOT NULL")
    op.execute("ALTER TABLE outbox ADD COLUMN by_token UUID")
