"""A person chooses how high the rows of lists are."""

from alembic import op

revision = "0038"
down_revision = "0036"


def upgrade() -> None:
    op.execute("ALTER TABLE app_user ADD COLUMN density TEXT DEFAULT 'normal' NOT NULL CONSTRAINT ck_app_user_density CHECK (density IN ('compact', 'normal', 'roomy'))")
