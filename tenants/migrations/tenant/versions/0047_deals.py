"""Deals, the pipelines and stages they go through, and since when each stood in which; every workspace begins with one pipeline."""

from alembic import op

revision = "0047"
down_revision = "0045b"

STATEMENTS = (
    "CREATE TABLE pipeline (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, code TEXT, position INTEGER DEFAULT 0 NOT NULL, "
    "archived_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_pipeline PRIMARY KEY (id), "
    "CONSTRAINT ck_pipeline_name CHECK (char_length(name) BETWEEN 1 AND 60))",
    "CREATE UNIQUE INDEX uq_pipeline_name ON pipeline (lower(name)) WHERE archived_at IS NULL",
    "CREATE TABLE deal_stage (id UUID DEFAULT uuidv7() NOT NULL, pipeline_id UUID NOT NULL, name TEXT NOT NULL, code TEXT, "
    "kind TEXT DEFAULT 'open' NOT NULL, position INTEGER DEFAULT 0 NOT NULL, probability INTEGER DEFAULT 0 NOT NULL, colour TEXT DEFAULT 'grey' NOT NULL, "
    "stale_after INTEGER, criteria TEXT[] DEFAULT '{}' NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_deal_stage PRIMARY KEY (id), "
    "CONSTRAINT ck_deal_stage_name CHECK (char_length(name) BETWEEN 1 AND 60), CONSTRAINT ck_deal_stage_kind CHECK (kind IN ('open', 'won', 'lost')), "
    "CONSTRAINT ck_deal_stage_colour CHECK (colour IN ('grey', 'blue', 'cyan', 'violet', 'amber', 'green', 'red', 'pink')), "
    "CONSTRAINT ck_deal_stage_probability CHECK (CASE kind WHEN 'won' THEN probability = 100 WHEN 'lost' THEN probability = 0 ELSE probability BETWEEN 0 "
    "AND 100 END), CONSTRAINT ck_deal_stage_stale_after CHECK (stale_after BETWEEN 1 AND 999), CONSTRAINT uq_deal_stage_whole UNIQUE (id, pipeline_id, "
    "kind), CONSTRAINT fk_deal_stage_pipeline_id FOREIGN KEY(pipeline_id) REFERENCES pipeline (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_deal_stage_pipeline_id ON deal_stage (pipeline_id, position)",
    "CREATE UNIQUE INDEX uq_deal_stage_name ON deal_stage (pipeline_id, lower(name))",
    "CREATE TABLE pipeline_team (id UUID DEFAULT uuidv7() NOT NULL, pipeline_id UUID NOT NULL, team_id UUID NOT NULL, "
    "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_pipeline_team PRIMARY KEY (id), "
    "CONSTRAINT fk_pipeline_team_pipeline_id FOREIGN KEY(pipeline_id) REFERENCES pipeline (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_pipeline_team_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_pipeline_team_team_id ON pipeline_team (team_id)",
    "CREATE UNIQUE INDEX uq_pipeline_team ON pipeline_team (pipeline_id, team_id)",
    "CREATE TABLE deal (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, "
    "name_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name))) STORED NOT NULL, pipeline_id UUID NOT NULL, stage_id UUID NOT NULL, "
    "state TEXT NOT NULL, account_id UUID, contact_id UUID, owner_id UUID, amount NUMERIC(18, 2), currency TEXT NOT NULL, probability INTEGER, "
    "closes_on DATE, next_step TEXT, next_step_on DATE, source TEXT, loss_reason TEXT, notes TEXT, external_id TEXT, "
    "stage_since TIMESTAMP WITH TIME ZONE NOT NULL, closed_at TIMESTAMP WITH TIME ZONE, custom JSONB DEFAULT '{}'::jsonb NOT NULL, "
    "custom_find TEXT GENERATED ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == \"string\")')::text)), "
    "'[]')) STORED, deleted_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_deal PRIMARY KEY (id), "
    "CONSTRAINT ck_deal_state CHECK (state IN ('open', 'won', 'lost')), CONSTRAINT ck_deal_amount CHECK (amount >= 0), "
    "CONSTRAINT ck_deal_currency CHECK (currency ~ '^[A-Z]{3}$'), CONSTRAINT ck_deal_probability CHECK (probability BETWEEN 0 AND 100), "
    "CONSTRAINT ck_deal_loss_reason CHECK (state <> 'lost' OR loss_reason IS NOT NULL), "
    "CONSTRAINT ck_deal_closed_at CHECK ((state = 'open') = (closed_at IS NULL)), "
    "CONSTRAINT ck_deal_next_step CHECK (next_step IS NULL OR next_step_on IS NOT NULL), CONSTRAINT fk_deal_stage FOREIGN KEY(stage_id, pipeline_id, "
    "state) REFERENCES deal_stage (id, pipeline_id, kind), CONSTRAINT fk_deal_account_id FOREIGN KEY(account_id) REFERENCES account (id), "
    "CONSTRAINT fk_deal_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), "
    "CONSTRAINT fk_deal_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id))",
    "CREATE INDEX ix_deal_account_id ON deal (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX ix_deal_changed ON deal (updated_at DESC, id DESC) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_deal_closes_on ON deal (closes_on, id) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_deal_contact_id ON deal (contact_id) WHERE contact_id IS NOT NULL",
    "CREATE INDEX ix_deal_custom ON deal USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_deal_custom_find ON deal USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL",
    "CREATE INDEX ix_deal_deleted_at ON deal (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX ix_deal_east_asian ON deal USING gin ((string_to_array(regexp_replace(name_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), "
    "NULL))) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_deal_find ON deal USING gin (name_fold ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_deal_list ON deal (name_fold, id) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_deal_own ON deal (owner_id, name_fold, id) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_deal_stage_id ON deal (stage_id, next_step_on, id) WHERE deleted_at IS NULL",
    "CREATE UNIQUE INDEX uq_deal_external_id ON deal (external_id) WHERE external_id IS NOT NULL",
    "CREATE TABLE deal_stay (id UUID DEFAULT uuidv7() NOT NULL, deal_id UUID NOT NULL, stage_id UUID NOT NULL, "
    "entered_at TIMESTAMP WITH TIME ZONE NOT NULL, left_at TIMESTAMP WITH TIME ZONE, entered_by UUID, CONSTRAINT pk_deal_stay PRIMARY KEY (id), "
    "CONSTRAINT ck_deal_stay_left_at CHECK (left_at >= entered_at), "
    "CONSTRAINT fk_deal_stay_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_deal_stay_stage_id FOREIGN KEY(stage_id) REFERENCES deal_stage (id))",
    "CREATE INDEX ix_deal_stay_deal_id ON deal_stay (deal_id, entered_at, id)",
    "CREATE INDEX ix_deal_stay_stage_id ON deal_stay (stage_id, entered_at)",
    "CREATE UNIQUE INDEX uq_deal_stay_open ON deal_stay (deal_id) WHERE left_at IS NULL",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# What a role holds -> what it may from now on, as new workspaces have it. Whoever sees only what names him gets none.
LOOKS, SELLS = "activities.read,accounts.read", "activities.read,accounts.create,accounts.edit,accounts.delete,accounts.export"
GRANTS = (
    (LOOKS, ("deals.read",)), (SELLS, ("deals.create", "deals.edit", "deals.delete", "deals.export")), (f"{LOOKS},accounts.export,billing.manage", ("deals.export",)),
    (f"{SELLS},accounts.reassign,tags.manage", ("pipelines.manage",)),
)
STARTER = (
    ("new", "Enquiry", "open", 10, "grey", "14"), ("qualified", "Qualified", "open", 30, "blue", "14"), ("proposal", "Quote sent", "open", 60, "violet", "21"),
    ("negotiation", "Negotiating", "open", 80, "amber", "21"), ("won", "Won", "won", 100, "green", "NULL"), ("lost", "Closed lost", "lost", 0, "red", "NULL"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("export_run", "prepared_export"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind, ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ('accounts', 'contacts', 'deals', 'activities', 'recipients', 'audit', 'products')) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")
    op.execute("ALTER TABLE hand_over ADD COLUMN deal_ids UUID[] DEFAULT '{}' NOT NULL")
    for held, names in GRANTS:
        more = ", ".join(f"'{name}'" for name in names)
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
    # A schema that nobody has moved into yet gets its pipeline at the sign-up.
    op.execute("INSERT INTO pipeline (name, code) SELECT 'Sales', 'sales' WHERE EXISTS (SELECT FROM role)")
    for place, (code, name, kind, probability, colour, stale) in enumerate(STARTER):
        op.execute(
            "INSERT INTO deal_stage (pipeline_id, name, code, kind, position, probability, colour, stale_after) "  # noqa: S608 (constants)
            f"SELECT id, '{name}', '{code}', '{kind}', {place}, {probability}, '{colour}', {stale} FROM pipeline"
        )
    for table in ("pipeline", "deal_stage", "pipeline_team", "deal"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
