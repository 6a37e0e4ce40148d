"""Print templates and their logos; every workspace begins with one for the quotes of each language."""

from alembic import op

revision = "0049"
down_revision = "0048"

STATEMENTS = (
    "CREATE TABLE print_logo (id UUID DEFAULT uuidv7() NOT NULL, content BYTEA NOT NULL, width SMALLINT NOT NULL, height SMALLINT NOT NULL, created_at "
    "TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_print_logo PRIMARY KEY (id), CONSTRAINT ck_print_logo_content CHECK (octet_length(content) BETWEEN 1 "
    "AND 1048576), CONSTRAINT ck_print_logo_size CHECK (width BETWEEN 1 AND 1200 AND height BETWEEN 1 AND 1200))",
    "CREATE TABLE print_template (id UUID DEFAULT uuidv7() NOT NULL, kind TEXT DEFAULT 'quote' NOT NULL, name TEXT NOT NULL, language TEXT DEFAULT '' NOT NULL, is_default "
    "BOOLEAN DEFAULT false NOT NULL, layout TEXT DEFAULT 'letter' NOT NULL, colour TEXT DEFAULT '#1f4e79' NOT NULL, font TEXT DEFAULT 'serif' NOT NULL, "
    "paper TEXT DEFAULT 'a4' NOT NULL, margin_top SMALLINT DEFAULT 20 NOT NULL, margin_right SMALLINT DEFAULT 20 NOT NULL, margin_bottom SMALLINT DEFAULT "
    "20 NOT NULL, margin_left SMALLINT DEFAULT 22 NOT NULL, logo_id UUID, letterhead TEXT, footer_left TEXT, footer_middle TEXT, footer_right TEXT, columns "
    "TEXT[] DEFAULT '{position,sku,name,quantity,unit,unit_price,discount,taxes,amount}' NOT NULL, headings JSONB DEFAULT '{}'::jsonb NOT NULL, title TEXT, intro TEXT, closing TEXT, terms TEXT, terms_on_new_page BOOLEAN DEFAULT true "
    "NOT NULL, show_code BOOLEAN DEFAULT true NOT NULL, show_reasons BOOLEAN DEFAULT true NOT NULL, show_section_sums BOOLEAN DEFAULT true NOT NULL, "
    "show_option_sum BOOLEAN DEFAULT true NOT NULL, deleted_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, "
    "created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_print_template PRIMARY "
    "KEY (id), CONSTRAINT ck_print_template_kind CHECK (kind IN ('quote')), CONSTRAINT ck_print_template_name CHECK (char_length(name) BETWEEN 1 AND 80), "
    "CONSTRAINT ck_print_template_language CHECK (language IN ('', 'en', 'es', 'zh', 'ko', 'ru')), CONSTRAINT ck_print_template_layout CHECK (layout IN "
    "('letter', 'modern', 'compact')), CONSTRAINT ck_print_template_font CHECK (font IN ('serif', 'sans', 'book')), CONSTRAINT ck_print_template_paper "
    "CHECK (paper IN ('a4', 'letter')), CONSTRAINT ck_print_template_colour CHECK (colour ~ '^#[0-9a-f]{6}$'), CONSTRAINT ck_print_template_margin_top "
    "CHECK (margin_top BETWEEN 8 AND 60), CONSTRAINT ck_print_template_margin_right CHECK (margin_right BETWEEN 8 AND 60), CONSTRAINT "
    "ck_print_template_margin_bottom CHECK (margin_bottom BETWEEN 8 AND 60), CONSTRAINT ck_print_template_margin_left CHECK (margin_left BETWEEN 8 AND 60), "
    "CONSTRAINT ck_print_template_columns CHECK (columns <@ ARRAY['position', 'sku', 'name', 'quantity', 'unit', 'unit_price', 'discount', 'taxes', "
    "'amount'] AND columns @> ARRAY['name', 'amount'] AND cardinality(columns) <= 9), CONSTRAINT ck_print_template_is_default CHECK (NOT is_default OR "
    "deleted_at IS NULL), CONSTRAINT fk_print_template_logo_id FOREIGN KEY(logo_id) REFERENCES print_logo (id))",
    "CREATE INDEX ix_print_template_logo_id ON print_template (logo_id) WHERE logo_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_print_template_default ON print_template (kind, language) WHERE is_default",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# What a role holds -> what it may from now on, as new workspaces have it.
GRANTS = (("deals.read", ("documents.read",)), ("pipelines.manage", ("documents.manage",)))
STARTERS = {
    "en": ("Quote", "Thank you for your enquiry. We are pleased to make you this offer:", "Do you have questions? {owner} is glad to help you: {owner_mail}"),
    "es": ("Presupuesto", "Gracias por su consulta. Con mucho gusto le ofrecemos:", "¿Tiene alguna pregunta? {owner} le atenderá con gusto: {owner_mail}"),
    "zh": ("报价单", "感谢您的询价，我们很高兴为您提供以下报价：", "如有疑问，请联系 {owner}：{owner_mail}"),
    "ko": ("견적서", "문의해 주셔서 감사합니다. 다음과 같이 견적을 드립니다.", "궁금한 점은 {owner}에게 문의해 주십시오: {owner_mail}"),
    "ru": ("Коммерческое предложение", "Благодарим за ваш запрос. Мы рады предложить вам следующее:", "Есть вопросы? Вам поможет {owner}: {owner_mail}"),
}
COLUMNS = "{position,sku,name,quantity,unit,unit_price,discount,taxes,amount}"


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for held, names in GRANTS:
        more = ", ".join(f"'{name}'" for name in names)
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
    # A schema that nobody has moved into yet gets its templates at the sign-up.
    for language, (name, intro, closing) in STARTERS.items():
        op.execute(
            "INSERT INTO print_template (kind, name, language, is_default, intro, closing, columns) "  # noqa: S608 (constants)
            f"SELECT 'quote', '{name}', '{language}', true, '{intro}', '{closing}', '{COLUMNS}'::text[] WHERE EXISTS (SELECT FROM role)"
        )
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON print_template REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
