"""Passkeys alone may count; a session says that it came by a recovery code."""

from alembic import op

revision = "0034"
down_revision = "0033"

# Frozen here: what the models say later is another revision's.
METHODS = "'password', 'passkey', 'sso', 'recovery'"


def upgrade() -> None:
    op.execute("ALTER TABLE sign_in_rules ADD COLUMN passkey_from DATE, ADD COLUMN passkey_roles VARCHAR[] DEFAULT '{}' NOT NULL")
    op.execute(f"ALTER TABLE session DROP CONSTRAINT ck_session_method, ADD CONSTRAINT ck_session_method CHECK (method IN ({METHODS})) NOT VALID")
    op.execute("ALTER TABLE session VALIDATE CONSTRAINT ck_session_method")
