"""One recipient's mail: text and HTML, the way out under it, and the headers by which a mail program offers it."""

from collections.abc import Mapping
from urllib.parse import quote
from uuid import UUID

from markupsafe import Markup, escape

from core.base.context import Context
from core.identity import queries as identity_queries
from core.mailings import rules
from core.mailings.models import Mailing
from core.mailings.sending import Claimed
from core.mailings.unsubscribing import link_for, make_token
from core.mailings.words import FOOTER, TEST_PREFIX, UNSUBSCRIBE
from core.post.merge_fields import VALUE_MAX
from core.post.rules import message_id
from core.post.sender import address_of, platform
from infra import i18n
from infra.config import settings
from infra.mail import Message

FRAME = Markup(
    '<!doctype html>\n<html lang="{page_lang}">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{subject}</title></head>\n"
    '<body style="margin:0;padding:24px 16px"><div style="max-width:36em;margin:0 auto;font-family:sans-serif;line-height:1.5">\n{body}\n'
    '<p lang="{lang}" style="color:#666;font-size:.8125em;border-top:1px solid #ddd;padding-top:1em;margin-top:2em">{footer}<br>'
    '<a href="{link}" style="color:#666">{words}</a></p>\n</div></body>\n</html>\n'
)
NO_TOKEN = "test"


def compose(ctx: Context, mailing: Mailing, held: Claimed) -> Message:
    """The mail of one recipient. The same recipient has the same Message-ID, however often it must go."""
    token = make_token(ctx.tenant, link_for(ctx, held.address, held.id))
    ours = platform()[1]
    link = unsubscribe_url(ctx, token, held.lang)
    post_box = mailing.reply_to or ours
    headers = {
        "List-Unsubscribe": f"<{link}>, <mailto:{quote(post_box, safe='@')}?subject=unsubscribe%20{token}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<{mailing.id}.{ctx.tenant.slug}.{settings().base_domain}>",
        "Precedence": "bulk",
    }
    return Message(
        to_mail=held.address, to_name=held.name[:VALUE_MAX], from_mail=address_of(ctx.tenant), from_name=mailing.from_name,
        reply_to=mailing.reply_to, return_path=ours, subject=rules.MERGE.fill_line(mailing.subject, held.fields), message_id=identity(ctx, held.id), date=ctx.now, headers=headers,
        **content(ctx, mailing, held.fields, lang=held.lang, link=link),
    )


def compose_test(ctx: Context, mailing_id: UUID, user_id: UUID, key: UUID) -> Message | None:
    """The same mail for one user, with sample values; its way out leads to the page and changes nothing. None where
    mailing or user are gone."""
    mailing, found = ctx.session.get(Mailing, mailing_id), identity_queries.load_actor(ctx.session, user_id, ctx.now)
    if mailing is None or found is None:
        return None
    user, values = found[0], samples(ctx)
    subject = i18n.gettext(user.locale, TEST_PREFIX, subject=rules.MERGE.fill_line(mailing.subject, values))
    return Message(
        to_mail=user.mail, to_name=user.name, from_mail=address_of(ctx.tenant), from_name=mailing.from_name,
        reply_to=mailing.reply_to, return_path=platform()[1], subject=subject, message_id=identity(ctx, key), date=ctx.now,
        **content(ctx, mailing, values, lang=user.locale, link=unsubscribe_url(ctx, NO_TOKEN, user.locale)),
    )


def content(ctx: Context, mailing: Mailing, values: Mapping[str, object], *, lang: str, link: str) -> dict[str, str]:
    """The plain and the HTML part. The way out is in the reader's language; the rest is as it was written."""
    footer = i18n.gettext(lang, FOOTER, company=ctx.tenant.name)
    words = i18n.gettext(lang, UNSUBSCRIBE)
    text = rules.MERGE.fill(rules.to_text(mailing.body), values)
    html = FRAME.format(
        page_lang=i18n.html_lang(ctx.tenant.locale), lang=i18n.html_lang(lang), subject=rules.MERGE.fill_line(mailing.subject, values),
        body=rules.fill_html(mailing.body, values), footer=escape(footer), link=link, words=words,
    )
    return {"text": f"{text}\n\n-- \n{footer}\n{words}: {link}\n", "html": str(html)}


def unsubscribe_url(ctx: Context, token: str, lang: str) -> str:
    return f"{ctx.tenant.url}/unsubscribe/{token}?lang={i18n.language(lang)}"


def identity(ctx: Context, key: UUID) -> str:
    """The Message-ID that belongs to a recipient for ever."""
    return message_id(settings().data_key("message-id"), ctx.tenant.id, key, settings().base_domain)


def samples(ctx: Context) -> dict[str, str]:
    """Values of the merge fields for a preview."""
    return {name: i18n.gettext(ctx.locale, sample) for name, (_, sample) in rules.FIELDS.items()}
