"""The base of forms: WTForms without its CSRF (the session row has it), Refused turned into field errors."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import g
from wtforms import Form as WTForm

from core.base.context import Context
from core.base.errors import Conflict, Refused, errors_of
from core.base.text import fold
from infra import i18n
from web.words import say_refusal


class _Translations:
    """WTForms' own messages in the reader's language."""

    def gettext(self, text: str) -> str:
        return i18n.catalogue(g.get("lang", "en")).gettext(text)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return i18n.catalogue(g.get("lang", "en")).ngettext(one, many, n)


def small_int(value: str | None) -> int | None:
    """What a form or an address says as a number of at most nine digits; None for all else ("abc", "²", "-1", "")."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


def keys_of(texts: Iterable[str]) -> list[UUID]:
    """The keys of records that a form or an address names, each once; what is no key names nothing."""
    found = []
    for text in dict.fromkeys(texts):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def typed_as(typed: str, expected: str) -> None:
    """Refuse (`typed_otherwise`) where a dangerous thing was not confirmed by typing its name; case and spaces aside."""
    if fold(typed) != fold(expected):
        raise Refused("typed_otherwise", field="typed", expected=expected)


class Form(WTForm):
    """A form of ours. `form.problem` is an error about the whole, not one field."""

    problem: str | None = None

    class Meta:
        def get_translations(self, form):
            return _Translations()

    def take(self, refusal: Refused) -> None:
        """Put a refusal where the person looks: each of its errors under its field, or above the form."""
        for one in errors_of(refusal):
            text = say_refusal(one, g.get("lang", "en"))
            if one.field and one.field in self:
                field = self[one.field]
                field.errors = [*field.errors, text]
            else:
                self.problem = text
                self.form_errors = [*self.form_errors, text]

    @contextmanager
    def attempt(self, ctx: Context) -> Iterator[None]:
        """Run a use case inside; a refusal undoes what it did (savepoint) and becomes this form's error.

        with form.attempt(ctx):
            record = actions.create(ctx, …)
            return see_other(…)
        return page(…, form=form, status=422)
        """
        try:
            with ctx.session.begin_nested():
                yield
        except Conflict:
            raise
        except Refused as refusal:
            if refusal.status != 422:
                raise
            self.take(refusal)
