"""Comments: who may write, change and take them away, who hears of them."""

import pytest
from sqlalchemy import delete, select, update

from core.audit.models import AuditEntry
from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.base.facts import Fact
from core.discussions import actions, queries
from core.discussions.models import Comment, Mention
from core.identity.models import User
from core.notifications import following
from core.notifications import queries as notifications
from core.notifications.models import Follower, Notification
from core.parties import actions as parties
from core.parties.models import Account
from core.post.models import OutgoingMail
from tests.support.statements import counted


@pytest.fixture
def account(world):
    """An account of the rep's; nobody was told anything yet."""
    with world.acme.ctx("owner") as ctx:
        for model in (Notification, Follower, Mention, Comment):
            ctx.session.execute(delete(model))
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        ctx.session.expunge(account)
    return account


def say(house, who, account, body):
    with house.ctx(who) as ctx:
        return actions.add_comment(ctx, ctx.session.get_one(Account, account.id), body).id


def heard(house, who):
    with house.ctx(who) as ctx:
        return [(row.Notification.kind, row.Notification.params["excerpt"]) for row in notifications.notifications(ctx).rows]


def test_a_comment_is_told_to_the_owner_and_to_nobody_else(world, account):
    say(world.acme, "manager", account, "Please call them\nagain")
    assert heard(world.acme, "rep") == [("commented", "Please call them again")]
    assert heard(world.acme, "manager") == heard(world.acme, "owner") == heard(world.acme, "colleague") == []


def test_a_mention_is_told_as_a_mention_once(world, account):
    key = say(world.acme, "manager", account, "@Rep and @Owner: see this, @Rep")
    with world.acme.ctx("owner") as ctx:
        letters = ctx.session.execute(select(OutgoingMail).where(OutgoingMail.template == "told", OutgoingMail.body_text.contains(f"/accounts/{account.id}#c-{key}"))).scalars().all()
        assert {letter.to_mail for letter in letters} == {world.acme.users[one].mail for one in ("rep", "owner")}
    assert heard(world.acme, "rep") == heard(world.acme, "owner") == [("mentioned", "@Rep and @Owner: see this, @Rep")]


def test_author_owner_and_mentioned_follow_from_then_on(world, account):
    say(world.acme, "manager", account, "@Owner?")
    with world.acme.ctx("rep") as ctx:
        assert {row.name for row in following.followers(ctx, account)} == {"Manager", "Rep", "Owner"}
    say(world.acme, "owner", account, "Yes")
    assert heard(world.acme, "manager") == [("commented", "Yes")] and heard(world.acme, "rep")[0] == ("commented", "Yes")


def test_whoever_unfollowed_hears_only_of_mentions(world, account):
    say(world.acme, "manager", account, "One")
    with world.acme.ctx("rep") as ctx:
        following.unfollow(ctx, ctx.session.get_one(Account, account.id))
    say(world.acme, "manager", account, "Two")
    say(world.acme, "manager", account, "Three for @Rep")
    assert heard(world.acme, "rep") == [("mentioned", "Three for @Rep"), ("commented", "One")]


def test_only_who_sees_the_record_can_be_mentioned_and_it_is_said(world, account):
    with pytest.raises(Refused) as refused:
        say(world.acme, "manager", account, "@Colleague look")
    assert (refused.value.code, refused.value.field, refused.value.params) == ("mention_unseen", "body", {"name": "Colleague"})
    with world.acme.ctx("manager") as ctx:
        assert ctx.session.execute(select(Comment)).first() is None
    say(world.acme, "manager", account, "@Ex was here, so was @Nobody")
    with world.acme.ctx("manager") as ctx:
        assert ctx.session.execute(select(Mention)).first() is None


def test_without_the_check_somebody_would_be_drawn_into_what_he_may_not_see(world, account, monkeypatch):
    """Negative control: he is mentioned and follows; the second check, when people are told, still holds."""
    from core.identity.seeing import Sight

    everybody = [Sight(user.id, user.name, "all", "", True) for user in world.acme.users.values()]
    monkeypatch.setattr(actions, "who_sees", lambda ctx, record: everybody)
    say(world.acme, "manager", account, "@Colleague look")
    with world.acme.ctx("manager") as ctx:
        assert ctx.session.execute(select(Mention.user_id)).scalar_one() == world.acme.users["colleague"].id
    assert heard(world.acme, "colleague") == []


def test_two_of_one_name_are_told_apart_by_their_address(world, account):
    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(update(User).where(User.id == world.acme.users["reader"].id).values(name="Owner"))
    try:
        with pytest.raises(Refused, match="mention_unclear"):
            say(world.acme, "manager", account, "@Owner look")
        say(world.acme, "manager", account, f"@{world.acme.users['reader'].mail} look")
        assert [kind for kind, _ in heard(world.acme, "reader")] == ["mentioned"] and heard(world.acme, "owner") == []
        with world.acme.ctx("manager") as ctx:
            found = queries.mentionable(ctx, account, "own")
            assert {(one.name, one.twin) for one in found} == {("Owner", True)} and len(found) == 2
    finally:
        with world.acme.ctx("owner") as ctx:
            ctx.session.execute(update(User).where(User.id == world.acme.users["reader"].id).values(name="Reader"))


def test_the_picker_offers_those_who_see_the_record_first(world, account):
    with world.acme.ctx("rep") as ctx:
        found = queries.mentionable(ctx, account)
        assert [(one.name, one.sees) for one in found] == [("Manager", True), ("Owner", True), ("Reader", True), ("Colleague", False)]
        assert [one.name for one in queries.mentionable(ctx, account, "mana")] == ["Manager"]
        assert queries.mentionable(ctx, account, "\x00") == found, "what no name can hold narrows nothing"


@pytest.mark.parametrize(("body", "code"), [("", "comment_empty"), ("  \n ", "comment_empty"), (None, "comment_empty"), ("x" * 10_001, "too_long"), ("a\x00", "control_character"), ("a\u202eb", "control_character")])
def test_a_bad_comment_is_refused(world, account, body, code):
    with pytest.raises(Refused) as refused:
        say(world.acme, "rep", account, body)
    assert (refused.value.code, refused.value.field) == (code, "body")


@pytest.mark.parametrize(("who", "refusal"), [("colleague", NotFound), ("reader", Forbidden)])
def test_nobody_comments_who_may_not(world, account, who, refusal):
    with pytest.raises(refusal):
        say(world.acme, who, account, "Hello")


def test_one_changes_ones_own_comment_and_it_shows(world, account):
    key = say(world.acme, "manager", account, "@Rep call them")
    with world.acme.ctx("manager") as ctx:
        comment = queries.one_comment(ctx, key)
        actions.edit_comment(ctx, comment, "@Rep @Owner mail them", version=comment.version)
    with world.acme.ctx("rep") as ctx:
        comment = queries.one_comment(ctx, key)
        assert (comment.body, comment.edited_at is not None, queries.mentioned_in(ctx, comment)) == ("@Rep @Owner mail them", True, {world.acme.users[one].id for one in ("rep", "owner")})
    assert heard(world.acme, "rep") == [("mentioned", "@Rep @Owner mail them")], "told once, and what he reads is what it says now"
    assert [kind for kind, _ in heard(world.acme, "owner")] == ["mentioned"]
    with world.acme.ctx("owner") as ctx:
        changes = ctx.session.execute(select(AuditEntry.changes).where(AuditEntry.row_id == str(key), AuditEntry.action == "update")).scalars().first()
        assert changes["body"] == ["@Rep call them", "@Rep @Owner mail them"]


@pytest.mark.parametrize("who", ["owner", "rep", "reader"])
def test_nobody_changes_anothers_words(world, account, who):
    key = say(world.acme, "manager", account, "Mine")
    with world.acme.ctx(who) as ctx, pytest.raises(Forbidden):
        actions.edit_comment(ctx, queries.one_comment(ctx, key), "Yours")


def test_a_comment_changed_in_two_windows_is_asked_about(world, account):
    key = say(world.acme, "manager", account, "One")
    with world.acme.ctx("manager") as ctx:
        actions.edit_comment(ctx, queries.one_comment(ctx, key), "Two", version=1)
    with world.acme.ctx("manager") as ctx, pytest.raises(Conflict):
        actions.edit_comment(ctx, queries.one_comment(ctx, key), "Three", version=1)


def test_a_deleted_comment_takes_what_was_told_of_it_along_and_brings_it_back(world, account):
    key = say(world.acme, "manager", account, "Oops")
    with world.acme.ctx("manager") as ctx:
        actions.delete_comment(ctx, queries.one_comment(ctx, key))
    assert heard(world.acme, "rep") == []
    with world.acme.ctx("rep") as ctx:
        assert queries.discussion(ctx, account).rows == []
        with pytest.raises(NotFound):
            queries.one_comment(ctx, key)
    with world.acme.ctx("manager") as ctx:
        actions.restore_comment(ctx, queries.one_comment(ctx, key, deleted=True))
    assert heard(world.acme, "rep") == [("commented", "Oops")]


def test_an_administrator_takes_a_comment_away_and_its_author_does_not_bring_it_back(world, account):
    key = say(world.acme, "manager", account, "Rude")
    with world.acme.ctx("rep") as ctx, pytest.raises(Forbidden):
        actions.delete_comment(ctx, queries.one_comment(ctx, key))
    with world.acme.ctx("owner") as ctx:
        actions.delete_comment(ctx, queries.one_comment(ctx, key))
    with world.acme.ctx("manager") as ctx, pytest.raises(Forbidden):
        actions.restore_comment(ctx, queries.one_comment(ctx, key, deleted=True))
    with world.acme.ctx("owner") as ctx:
        actions.restore_comment(ctx, queries.one_comment(ctx, key, deleted=True))
        kinds = set(ctx.session.execute(select(Fact.kind).where(Fact.subject_id == key)).scalars())
        assert kinds == {"comment.added", "comment.deleted", "comment.restored"}


def test_comments_are_read_by_whoever_sees_the_record_and_by_nobody_else(world, account):
    key = say(world.acme, "rep", account, "Between us")
    with world.acme.ctx("reader") as ctx:
        assert queries.one_comment(ctx, key).body == "Between us"
    with world.acme.ctx("colleague") as ctx:
        with pytest.raises(NotFound):
            queries.one_comment(ctx, key)
        assert ctx.session.execute(queries.comments(ctx)).all() == []


def test_without_the_reach_in_the_query_a_colleague_would_read_it(world, account, monkeypatch):
    """Negative control."""
    from core.base import records

    key = say(world.acme, "rep", account, "Between us")
    monkeypatch.setattr(records, "sees", lambda ctx, model: records.literal(True))
    with world.acme.ctx("colleague") as ctx:
        assert queries.one_comment(ctx, key).body == "Between us"


def test_a_long_discussion_is_walked_without_gap_or_double_in_one_statement_a_page(world, account):
    for n in range(9):
        say(world.acme, "rep", account, f"n{n}")
    with world.acme.ctx("rep") as ctx:
        seen, before = [], None
        while True:
            with counted() as sent:
                page = queries.discussion(ctx, account, before=before, limit=4)
            assert len(sent) == 1 and page.count == (9 if before is None else None)
            seen = [row.Comment.body for row in page.rows] + seen
            before = page.before
            if before is None:
                break
        assert seen == [f"n{n}" for n in range(9)]


def test_an_import_that_is_taken_back_leaves_alone_what_people_talk_about(world, account):
    from core.base.registry import collect_children

    found = {(child.table, child.kind, child.grows) for child in collect_children() if child.parent == "*"}
    assert ("comment", "record_kind", True) in found and ("notification", "record_kind", False) in found
