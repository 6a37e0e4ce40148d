"""Whoever signs out of the company's own sign-in is signed out here."""

from alembic import op

revision = "0042d"
down_revision = "0042c"


def upgrade() -> None:
    op.execute("ALTER TABLE session ADD COLUMN provider_sid TEXT")
    op.execute("ALTER TABLE sign_in_step DROP CONSTRAINT ck_sign_in_step_kind, ADD CONSTRAINT ck_sign_in_step_kind CHECK (kind IN ('code', 'passkey', 'sso', 'logout')) NOT VALID")
    op.execute("ALTER TABLE sign_in_step VALIDATE CONSTRAINT ck_sign_in_step_kind")
