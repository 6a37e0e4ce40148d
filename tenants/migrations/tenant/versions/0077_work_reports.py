"""Reports of a day or a week, what they told when they were handed in, when they are asked for; and who writes and reads them."""

from alembic import op

revision = "0077"
down_revision = "0076"

STATEMENTS = (
    """
    CREATE TABLE work_report (
        id UUID DEFAULT uuidv7() NOT NULL,
        owner_id UUID NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        first_on DATE NOT NULL,
        words TEXT DEFAULT '' NOT NULL,
        handed_at TIMESTAMP WITH TIME ZONE,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        created_by UUID,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        version INTEGER DEFAULT 1 NOT NULL,
        CONSTRAINT pk_work_report PRIMARY KEY (id),
        CONSTRAINT ck_work_report_kind CHECK (kind IN ('day', 'week')),
        CONSTRAINT ck_work_report_first_on CHECK (kind <> 'week' OR extract(isodow FROM first_on) = 1),
        CONSTRAINT ck_work_report_words CHECK (char_length(words) <= 4000),
        CONSTRAINT fk_work_report_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_work_report_period ON work_report (kind, first_on DESC, owner_id)",
    "CREATE UNIQUE INDEX uq_work_report_whose ON work_report (owner_id, kind, first_on)",
    """
    CREATE TABLE work_report_line (
        id UUID DEFAULT uuidv7() NOT NULL,
        report_id UUID NOT NULL,
        position INTEGER NOT NULL,
        section TEXT NOT NULL,
        what TEXT NOT NULL,
        account_id UUID,
        contact_id UUID,
        deal_id UUID,
        quote_id UUID,
        lead_id UUID,
        stage_id UUID,
        at TIMESTAMP WITH TIME ZONE,
        due_on DATE,
        words TEXT,
        amount NUMERIC(18, 4),
        currency TEXT,
        CONSTRAINT pk_work_report_line PRIMARY KEY (id),
        CONSTRAINT ck_work_report_line_section CHECK (section IN ('contacts', 'promises', 'deals', 'quotes', 'leads', 'next')),
        CONSTRAINT ck_work_report_line_what CHECK (what IN ('call', 'mail', 'message', 'visit', 'meeting', 'task', 'promise', 'made', 'kept', 'broken', 'new', 'moved', 'won', 'lost', 'sent', 'accepted', 'converted', 'step')),
        CONSTRAINT ck_work_report_line_currency CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT fk_work_report_line_report_id FOREIGN KEY(report_id) REFERENCES work_report (id) ON DELETE CASCADE,
        CONSTRAINT fk_work_report_line_account_id FOREIGN KEY(account_id) REFERENCES account (id),
        CONSTRAINT fk_work_report_line_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id),
        CONSTRAINT fk_work_report_line_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE,
        CONSTRAINT fk_work_report_line_quote_id FOREIGN KEY(quote_id) REFERENCES quote (id) ON DELETE CASCADE,
        CONSTRAINT fk_work_report_line_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id) ON DELETE CASCADE,
        CONSTRAINT fk_work_report_line_stage_id FOREIGN KEY(stage_id) REFERENCES deal_stage (id) ON DELETE SET NULL
    )
    """,
    "CREATE INDEX ix_work_report_line_account_id ON work_report_line (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX ix_work_report_line_contact_id ON work_report_line (contact_id) WHERE contact_id IS NOT NULL",
    "CREATE INDEX ix_work_report_line_deal_id ON work_report_line (deal_id) WHERE deal_id IS NOT NULL",
    "CREATE INDEX ix_work_report_line_lead_id ON work_report_line (lead_id) WHERE lead_id IS NOT NULL",
    "CREATE INDEX ix_work_report_line_quote_id ON work_report_line (quote_id) WHERE quote_id IS NOT NULL",
    "CREATE INDEX ix_work_report_line_report_id ON work_report_line (report_id, position)",
    "CREATE INDEX ix_work_report_line_stage_id ON work_report_line (stage_id) WHERE stage_id IS NOT NULL",
    """
    CREATE TABLE report_rules (
        id UUID DEFAULT uuidv7() NOT NULL,
        days SMALLINT[] DEFAULT '{}' NOT NULL,
        day_hour SMALLINT DEFAULT 18 NOT NULL,
        week_day SMALLINT,
        week_hour SMALLINT DEFAULT 16 NOT NULL,
        since TIMESTAMP WITH TIME ZONE NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        created_by UUID,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        version INTEGER DEFAULT 1 NOT NULL,
        CONSTRAINT pk_report_rules PRIMARY KEY (id),
        CONSTRAINT ck_report_rules_days CHECK (days <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]),
        CONSTRAINT ck_report_rules_week_day CHECK (week_day BETWEEN 1 AND 7),
        CONSTRAINT ck_report_rules_hours CHECK (day_hour BETWEEN 0 AND 23 AND week_hour BETWEEN 0 AND 23)
    )
    """,
    "CREATE UNIQUE INDEX uq_report_rules_one ON report_rules ((true))",
    (
        "CREATE TRIGGER fixed BEFORE UPDATE ON work_report_line FOR EACH ROW WHEN ((OLD.report_id, OLD.section, OLD.what, OLD.at, OLD.due_on, OLD.amount, OLD.currency, OLD.position) "
        "IS DISTINCT FROM (NEW.report_id, NEW.section, NEW.what, NEW.at, NEW.due_on, NEW.amount, NEW.currency, NEW.position)) EXECUTE FUNCTION ext.refuse_fixed()"
    ),
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# Table -> columns that its audit does not tell.
TABLES = {"work_report": "'words'", "report_rules": ""}
# What a role holds -> what it may from now on, as new workspaces have it.
GRANTS = (("activities.log,deals.create", "reports.read"), ("activities.log,deals.create", "reports.write"), ("targets.manage", "reports.read_others"), ("pipelines.manage,targets.manage", "reports.manage"))


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table, secret in TABLES.items():
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture({secret})")
    for held, name in GRANTS:
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['{name}']::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
