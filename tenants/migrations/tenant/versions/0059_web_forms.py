"""Web forms by which strangers become leads, and what they sent."""

from alembic import op

revision = "0059"
down_revision = "0057"

STATEMENTS = (
    "CREATE TABLE web_form (id UUID DEFAULT uuidv7() NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, state TEXT DEFAULT 'open' NOT NULL, fields "
    "JSONB DEFAULT '[]'::jsonb NOT NULL, texts JSONB DEFAULT '{}'::jsonb NOT NULL, purpose_id UUID, source TEXT, campaign TEXT, lead_owner_id "
    "UUID, hosts VARCHAR[] DEFAULT '{}' NOT NULL, redirect_url TEXT, confirmed TEXT DEFAULT 'never' NOT NULL, created_at TIMESTAMP WITH TIME ZONE "
    "DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, "
    "CONSTRAINT pk_web_form PRIMARY KEY (id), CONSTRAINT ck_web_form_name CHECK (char_length(name) BETWEEN 1 AND 100), CONSTRAINT "
    "ck_web_form_state CHECK (state IN ('open', 'closed')), CONSTRAINT ck_web_form_confirmed CHECK (confirmed IN ('never', 'before', 'after')), "
    "CONSTRAINT uq_web_form_code UNIQUE (code), CONSTRAINT fk_web_form_purpose_id FOREIGN KEY(purpose_id) REFERENCES consent_purpose (id) ON "
    "DELETE SET NULL, CONSTRAINT fk_web_form_lead_owner_id FOREIGN KEY(lead_owner_id) REFERENCES app_user (id) ON DELETE SET NULL)",
    "CREATE INDEX ix_web_form_lead_owner_id ON web_form (lead_owner_id)",
    "CREATE INDEX ix_web_form_purpose_id ON web_form (purpose_id)",
    "CREATE TABLE enquiry (id UUID DEFAULT uuidv7() NOT NULL, form_id UUID NOT NULL, lead_id UUID, state TEXT NOT NULL, held_for TEXT, said JSONB "
    "DEFAULT '{}'::jsonb NOT NULL, mail_norm TEXT, lang TEXT NOT NULL, agreed_to UUID, touch JSONB DEFAULT '{}'::jsonb NOT NULL, address TEXT, "
    "nonce TEXT NOT NULL, fingerprint TEXT NOT NULL, confirmed_at TIMESTAMP WITH TIME ZONE, reply TEXT, replied_at TIMESTAMP WITH TIME ZONE, "
    "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, "
    "version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_enquiry PRIMARY KEY (id), CONSTRAINT ck_enquiry_state CHECK (state IN ('waiting', 'held', "
    "'taken', 'discarded')), CONSTRAINT ck_enquiry_held_for CHECK (held_for IN ('trap', 'no_stamp', 'fast', 'old', 'replayed', 'often', 'links', "
    "'refused')), CONSTRAINT ck_enquiry_held CHECK (state <> 'held' OR held_for IS NOT NULL), CONSTRAINT ck_enquiry_reply CHECK ((reply IS NULL) "
    "= (replied_at IS NULL)), CONSTRAINT fk_enquiry_form_id FOREIGN KEY(form_id) REFERENCES web_form (id), CONSTRAINT fk_enquiry_lead_id FOREIGN "
    "KEY(lead_id) REFERENCES lead (id) ON DELETE SET NULL, CONSTRAINT fk_enquiry_agreed_to FOREIGN KEY(agreed_to) REFERENCES consent_wording "
    "(id))",
    "CREATE INDEX ix_enquiry_lead_id ON enquiry (lead_id) WHERE lead_id IS NOT NULL",
    "CREATE INDEX ix_enquiry_mail_norm ON enquiry (mail_norm, created_at) WHERE mail_norm IS NOT NULL",
    "CREATE INDEX ix_enquiry_state ON enquiry (state, created_at DESC, id DESC)",
    "CREATE UNIQUE INDEX uq_enquiry_once ON enquiry (form_id, nonce, fingerprint)",
    "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['forms.manage', 'enquiries.decide']::varchar[]) AS one) "
    "WHERE permissions @> '{leads.manage}'::varchar[]",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("web_form", "enquiry"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
