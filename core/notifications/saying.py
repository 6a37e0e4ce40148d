"""A notification as plain words, for letters; pages say it with names in bold (web.words)."""

from collections.abc import Mapping
from typing import Any

from core.base.registry import collect_words
from core.notifications.models import Notification
from core.notifications.words import SOMEBODY
from infra import i18n


def code_of(notification: Notification) -> str:
    """The word id of its sentence."""
    return notification.params.get("say") or f"told.{notification.kind}"


def values_of(notification: Notification, title: str | None, lang: str) -> dict[str, Any]:
    """The values of its sentence: who, on what record, and what the room put down."""
    return {**notification.params, "actor": notification.actor_name or i18n.gettext(lang, SOMEBODY), "record": title or ""}


def said(notification: Notification, title: str | None, lang: str) -> str:
    """Its sentence in a language."""
    values: Mapping[str, Any] = values_of(notification, title, lang)
    code = code_of(notification)
    return i18n.gettext(lang, collect_words().get(code, code), **values)
