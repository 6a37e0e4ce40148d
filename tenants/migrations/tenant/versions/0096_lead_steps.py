"""An open lead has a next step with its day, as a deal has."""

from alembic import op

revision = "0096"
down_revision = "0095"

STATEMENTS = (
    "ALTER TABLE lead ADD COLUMN next_step TEXT, ADD COLUMN next_step_on DATE",
    "ALTER TABLE lead ADD CONSTRAINT ck_lead_next_step CHECK (next_step IS NULL OR next_step_on IS NOT NULL)",
    "CREATE INDEX ix_lead_next_step ON lead (owner_id, next_step_on, id) WHERE next_step_on IS NOT NULL AND deleted_at IS NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
