"""What people can do, and rules that give leads to whoever has what they ask for."""

from alembic import op

revision = "0095"
down_revision = "0094"

STATEMENTS = (
    "CREATE TABLE user_skill (id UUID DEFAULT uuidv7() NOT NULL, user_id UUID NOT NULL, language TEXT, word TEXT, category_id UUID, "
    "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_user_skill PRIMARY KEY (id), "
    "CONSTRAINT ck_user_skill_one CHECK (num_nonnulls(language, word, category_id) = 1), CONSTRAINT ck_user_skill_language CHECK (language ~ '^[a-z]{2,3}$'), "
    "CONSTRAINT ck_user_skill_word CHECK (char_length(word) BETWEEN 1 AND 60), "
    "CONSTRAINT fk_user_skill_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_user_skill_category_id FOREIGN KEY(category_id) REFERENCES product_category (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_user_skill_category_id ON user_skill (category_id)",
    "CREATE UNIQUE INDEX uq_user_skill_what ON user_skill (user_id, language, word, category_id) NULLS NOT DISTINCT",
    "ALTER TABLE lead_assignment ADD COLUMN needs_language BOOLEAN DEFAULT false NOT NULL, ADD COLUMN needs_product BOOLEAN DEFAULT false NOT NULL",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON user_skill REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
