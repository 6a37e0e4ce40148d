"""Programs of the workspace: API tokens that belong to nobody and act under a name of their own."""

from alembic import op

revision = "0042b"
down_revision = "0042"


def upgrade() -> None:
    op.execute("ALTER TABLE app_user DROP CONSTRAINT ck_app_user_state, ADD CONSTRAINT ck_app_user_state CHECK (state IN ('active', 'disabled', 'program')) NOT VALID")
    op.execute("ALTER TABLE app_user VALIDATE CONSTRAINT ck_app_user_state")
    op.execute("ALTER TABLE api_token ADD COLUMN owner_id UUID, ADD CONSTRAINT fk_api_token_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id) ON DELETE SET NULL")
    op.execute("CREATE INDEX ix_api_token_owner_id ON api_token (owner_id) WHERE owner_id IS NOT NULL")
