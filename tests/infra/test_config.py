"""Settings: what is read, what is refused, and that each refusal is one sentence naming the variable."""

import pytest

from infra.config import ConfigError, load

DEVELOPMENT = {"DATABASE_URL": "postgresql://tendero_app@/tendero?host=/run/x"}
PRODUCTION = {
    "TENDERO_ENV": "production", "BASE_DOMAIN": "crm.example.com", "DATABASE_URL": "postgresql://a:b@db/tendero",
    "DATABASE_OWNER_URL": "postgresql://o:b@db/tendero", "REDIS_URL": "redis://cache:6379/0",
    "SMTP_URL": "smtp+starttls://u:p@mail.example.com:587", "MAIL_FROM": "Tendero <post@example.com>",
    "STORAGE_URL": "file:///srv/tendero/files", "SECRET_KEY": "s" * 32, "MASTER_KEY": "m" * 32,
    "SELLER_NAME": "Example Ltd", "SELLER_ADDRESS": "1 High Street", "SELLER_IBAN": "DE89 3704 0044 0532 0130 00",
}

REFUSED = [
    ("DATABASE_URL", "", DEVELOPMENT), ("DATABASE_URL", "mysql://a@b/c", DEVELOPMENT),
    ("DATABASE_URL", "postgresql://a@b", DEVELOPMENT), ("TENDERO_ENV", "staging", DEVELOPMENT),
    ("BASE_DOMAIN", "https://example.com", DEVELOPMENT), ("BASE_DOMAIN", "a..b", DEVELOPMENT),
    ("PUBLIC_PORT", "0", DEVELOPMENT), ("PUBLIC_PORT", "８０００", DEVELOPMENT), ("PUBLIC_SCHEME", "ftp", DEVELOPMENT),
    ("REDIS_URL", "http://x", DEVELOPMENT), ("REDIS_URL", "redis://", DEVELOPMENT), ("REDIS_URL", "redis://h:99999", DEVELOPMENT),
    ("SMTP_URL", "mail.example.com", DEVELOPMENT), ("STORAGE_URL", "file://", DEVELOPMENT), ("STORAGE_URL", "s3://b", DEVELOPMENT),
    ("SENTRY_DSN", "nonsense", DEVELOPMENT), ("MAIL_FROM", "nobody", DEVELOPMENT), ("TRUSTED_PROXIES", "-1", DEVELOPMENT),
    ("WEB_THREADS", "many", DEVELOPMENT), ("LOG_LEVEL", "loud", DEVELOPMENT), ("SELLER_IBAN", "DE89370400440532013001", DEVELOPMENT),
    ("SELLER_CURRENCY", "euro", DEVELOPMENT), ("SECRET_KEY_FILE", "/nowhere/at/all", DEVELOPMENT),
    ("DATABASE_URL_MAIN", "postgresql://a@b/c", DEVELOPMENT), ("DATABASE_OWNER_URL_EU", "postgresql://a@b/c", DEVELOPMENT),
    ("DATABASE_URL_1-2", "postgresql://a@b/c", DEVELOPMENT), ("BASE_DOMAIN", "localhost", PRODUCTION),
    ("PUBLIC_SCHEME", "http", PRODUCTION), ("SECRET_KEY", "s" * 31, PRODUCTION), ("MASTER_KEY", "m" * 31, PRODUCTION),
    ("MASTER_KEY", "s" * 32, PRODUCTION), ("SECRET_KEY_PREVIOUS", "short", PRODUCTION),
    ("SECRET_KEY", "development-only-secret-never-for-production", PRODUCTION),
    *((name, "", PRODUCTION) for name in PRODUCTION if name not in ("TENDERO_ENV", "DATABASE_OWNER_URL")),
]


@pytest.mark.parametrize(("name", "value", "base"), REFUSED)
def test_a_wrong_value_is_refused_by_one_sentence_that_names_the_variable(name, value, base):
    with pytest.raises(ConfigError) as refused:
        load({**base, name: value})
    sentence = str(refused.value)
    assert name in sentence and sentence.endswith(".") and "\n" not in sentence and ". " not in sentence


@pytest.mark.parametrize("name", ["SECRET_KEY", "MASTER_KEY", "SECRET_KEY_PREVIOUS", "DATABASE_URL", "SMTP_URL"])
def test_a_refusal_never_repeats_what_may_be_a_secret(name):
    with pytest.raises(ConfigError) as refused:
        load({**PRODUCTION, name: "hunter2://hunter2"})
    assert "hunter2" not in str(refused.value)


def test_the_complete_production_environment_is_accepted():
    found = load(PRODUCTION)
    assert found.production and found.cookie_secure and found.apex_url == "https://crm.example.com"
    assert found.tenant_url("acme") == "https://acme.crm.example.com"
    assert found.seller.iban == "DE89370400440532013000"


def test_development_needs_a_database_only():
    found = load(DEVELOPMENT)
    assert found.apex_url == "http://localhost:8000" and found.operator_url == "http://ops.localhost:8000"
    assert found.local and not found.cookie_secure


def test_further_clusters_come_by_name_and_may_lack_an_owner():
    found = load({**DEVELOPMENT, "DATABASE_URL_EU2": "postgresql+psycopg://a@h/d", "DATABASE_OWNER_URL_EU2": "postgres://o@h/d"})
    assert found.clusters["eu2"] == ("postgresql://a@h/d", "postgresql://o@h/d")
    with pytest.raises(ConfigError, match=r"^DATABASE_OWNER_URL is not set"):
        found.database_owner_url  # noqa: B018


def test_a_secret_comes_from_a_file_and_from_one_place_only(tmp_path):
    file = tmp_path / "key"
    file.write_text("f" * 40 + "\n")
    assert load({**DEVELOPMENT, "SECRET_KEY_FILE": str(file)}).secret_key == "f" * 40
    with pytest.raises(ConfigError, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        load({**DEVELOPMENT, "SECRET_KEY_FILE": str(file), "SECRET_KEY": "x"})


def test_keys_differ_by_purpose_and_old_ones_stay_accepted_after_a_rotation():
    before = load(PRODUCTION)
    after = load({**PRODUCTION, "SECRET_KEY": "n" * 32, "SECRET_KEY_PREVIOUS": "s" * 32})
    assert before.derived_key("csrf") != before.derived_key("tokens") and len(before.derived_key("csrf")) == 32
    assert after.derived_keys("csrf") == (after.derived_key("csrf"), before.derived_key("csrf"))
    assert after.data_key("totp") == before.data_key("totp") != after.derived_key("totp")


def test_no_password_shows_when_settings_are_printed():
    shown = repr(load({**PRODUCTION, "SENTRY_DSN": "https://sekret@sentry.example.com/1"}))
    for hidden in ("a:b@", "u:p@", "s" * 32, "m" * 32, "sekret"):
        assert hidden not in shown


def test_settings_can_not_be_changed():
    with pytest.raises(AttributeError):
        load(DEVELOPMENT).base_domain = "elsewhere"
    with pytest.raises(TypeError):
        load(DEVELOPMENT).clusters["x"] = None
