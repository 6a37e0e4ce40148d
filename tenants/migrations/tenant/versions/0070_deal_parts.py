"""What belongs to a deal: its products line by line, its team with their share, and the competitors who want it too."""

from alembic import op

revision = "0070"
down_revision = "0068"

STATEMENTS = (
    "CREATE TABLE competitor (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, website TEXT, strengths TEXT, weaknesses TEXT, "
    "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, "
    "version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_competitor PRIMARY KEY (id), "
    "CONSTRAINT ck_competitor_name CHECK (char_length(name) BETWEEN 1 AND 100))",
    "CREATE UNIQUE INDEX uq_competitor_name ON competitor (lower(name))",
    "CREATE TABLE deal_competitor (id UUID DEFAULT uuidv7() NOT NULL, deal_id UUID NOT NULL, competitor_id UUID NOT NULL, note TEXT, "
    "took_it BOOLEAN DEFAULT false NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_deal_competitor PRIMARY KEY (id), "
    "CONSTRAINT fk_deal_competitor_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_deal_competitor_competitor_id FOREIGN KEY(competitor_id) REFERENCES competitor (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_deal_competitor_competitor_id ON deal_competitor (competitor_id)",
    "CREATE UNIQUE INDEX uq_deal_competitor ON deal_competitor (deal_id, competitor_id)",
    "CREATE UNIQUE INDEX uq_deal_competitor_took_it ON deal_competitor (deal_id) WHERE took_it",
    "CREATE TABLE deal_line (id UUID DEFAULT uuidv7() NOT NULL, deal_id UUID NOT NULL, position INTEGER NOT NULL, product_id UUID, name TEXT NOT NULL, "
    "quantity NUMERIC(18, 3) NOT NULL, unit_price NUMERIC(18, 4) NOT NULL, discount NUMERIC(7, 4) DEFAULT 0 NOT NULL, recurs TEXT DEFAULT 'once' NOT NULL, "
    "times INTEGER DEFAULT 1 NOT NULL, amount NUMERIC(18, 2) NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_deal_line PRIMARY KEY (id), "
    "CONSTRAINT ck_deal_line_name CHECK (char_length(name) BETWEEN 1 AND 200), CONSTRAINT ck_deal_line_quantity CHECK (quantity > 0), "
    "CONSTRAINT ck_deal_line_unit_price CHECK (unit_price >= 0), CONSTRAINT ck_deal_line_discount CHECK (discount BETWEEN 0 AND 100), "
    "CONSTRAINT ck_deal_line_recurs CHECK (recurs IN ('once', 'month', 'quarter', 'year')), CONSTRAINT ck_deal_line_amount CHECK (amount >= 0), "
    "CONSTRAINT ck_deal_line_times CHECK (times BETWEEN 1 AND 120 AND (recurs <> 'once' OR times = 1)), "
    "CONSTRAINT fk_deal_line_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_deal_line_product_id FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE SET NULL)",
    "CREATE INDEX ix_deal_line_deal_id ON deal_line (deal_id, position)",
    "CREATE INDEX ix_deal_line_product_id ON deal_line (product_id) WHERE product_id IS NOT NULL",
    "CREATE TABLE deal_member (id UUID DEFAULT uuidv7() NOT NULL, deal_id UUID NOT NULL, user_id UUID NOT NULL, role TEXT, credit NUMERIC(5, "
    "2) DEFAULT 0 NOT NULL, share_id UUID, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_deal_member PRIMARY KEY (id), "
    "CONSTRAINT ck_deal_member_credit CHECK (credit BETWEEN 0 AND 100), CONSTRAINT ck_deal_member_role CHECK (char_length(role) BETWEEN 1 AND 60), "
    "CONSTRAINT fk_deal_member_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_deal_member_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_deal_member_share_id FOREIGN KEY(share_id) REFERENCES record_share (id) ON DELETE SET NULL)",
    "CREATE INDEX ix_deal_member_share_id ON deal_member (share_id)",
    "CREATE INDEX ix_deal_member_user_id ON deal_member (user_id)",
    "CREATE UNIQUE INDEX uq_deal_member ON deal_member (deal_id, user_id)",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    # Whoever changes deals keeps the list of competitors.
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['competitors.edit']::varchar[]) AS one) "
        "WHERE permissions @> '{deals.edit}'::varchar[] AND visibility <> 'named'"
    )
    for table in ("competitor", "deal_competitor", "deal_line", "deal_member"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
