"""Products, leads and deals come in from files too."""

from alembic import op

revision = "0078"
down_revision = "0077"


def upgrade() -> None:
    op.execute("ALTER TABLE import_run DROP CONSTRAINT ck_import_run_kind, ADD CONSTRAINT ck_import_run_kind CHECK (kind IN ('accounts', 'contacts', 'products', 'leads', 'deals'))")
