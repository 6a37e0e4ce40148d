"""Models fitted to what became of the leads, from when to when each was used, and what the one in use says of each lead."""

from alembic import op

revision = "0085"
down_revision = "0084"

STATEMENTS = (
    "CREATE TABLE lead_model (id UUID DEFAULT uuidv7() NOT NULL, state TEXT DEFAULT 'running' NOT NULL, round INTEGER DEFAULT 1 NOT NULL, "
    "share INTEGER DEFAULT 0 NOT NULL, by_clock BOOLEAN DEFAULT false NOT NULL, closed INTEGER DEFAULT 0 NOT NULL, converted INTEGER DEFAULT "
    "0 NOT NULL, model JSONB DEFAULT '{}'::jsonb NOT NULL, report JSONB DEFAULT '{}'::jsonb NOT NULL, verdict TEXT, failure TEXT, "
    "finished_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP "
    "WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_lead_model PRIMARY KEY (id), CONSTRAINT "
    "ck_lead_model_state CHECK (state IN ('running', 'done', 'failed', 'cancelled')), CONSTRAINT ck_lead_model_verdict CHECK (verdict IN "
    "('better', 'worse_order', 'worse_chance')), CONSTRAINT ck_lead_model_verdict_done CHECK ((state = 'done') = (verdict IS NOT NULL)), "
    "CONSTRAINT ck_lead_model_finished CHECK ((state = 'running') = (finished_at IS NULL)), CONSTRAINT ck_lead_model_share CHECK (share "
    "BETWEEN 0 AND 100))",
    "CREATE INDEX ix_lead_model_created_at ON lead_model (created_at DESC, id DESC)",
    "CREATE UNIQUE INDEX uq_lead_model_running ON lead_model ((true)) WHERE state = 'running'",
    "CREATE TABLE lead_model_use (id UUID DEFAULT uuidv7() NOT NULL, model_id UUID NOT NULL, ended_at TIMESTAMP WITH TIME ZONE, ended_by "
    "TEXT, ended_user_id UUID, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_lead_model_use "
    "PRIMARY KEY (id), CONSTRAINT ck_lead_model_use_ended_by CHECK (ended_by IN ('person', 'refit', 'switched_to')), CONSTRAINT "
    "ck_lead_model_use_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL)), CONSTRAINT fk_lead_model_use_model_id FOREIGN KEY(model_id) "
    "REFERENCES lead_model (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_lead_model_use_model_id ON lead_model_use (model_id)",
    "CREATE UNIQUE INDEX uq_lead_model_use_open ON lead_model_use ((true)) WHERE ended_at IS NULL",
    "CREATE TABLE lead_chance (lead_id UUID NOT NULL, model_id UUID NOT NULL, chance INTEGER NOT NULL, why JSONB DEFAULT '[]'::jsonb NOT "
    "NULL, at TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_lead_chance PRIMARY KEY (lead_id), CONSTRAINT ck_lead_chance_chance CHECK "
    "(chance BETWEEN 0 AND 100), CONSTRAINT fk_lead_chance_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id) ON DELETE CASCADE, CONSTRAINT "
    "fk_lead_chance_model_id FOREIGN KEY(model_id) REFERENCES lead_model (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_lead_chance_chance ON lead_chance (chance DESC, lead_id)",
    "CREATE INDEX ix_lead_chance_model_id ON lead_chance (model_id)",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON lead_model_use REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
