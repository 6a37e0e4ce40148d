"""Print templates: values that are checked and named, one usual one for each kind and language, one that always stays."""

import io

import pytest
from PIL import Image
from sqlalchemy import select, text

from core.base.errors import Conflict, Forbidden, Refused, errors_of
from core.documents import actions, queries, rules, starter
from core.documents.models import COLUMNS, PrintLogo, PrintTemplate


def picture(size=(400, 100), form="PNG", colour="red"):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, form)
    return file.getvalue()


def refused(call):
    with pytest.raises(Refused) as caught:
        call()
    return {one.field: one.code for one in errors_of(caught.value)}


def test_a_workspace_begins_with_a_template_for_the_quotes_of_each_language(ctx):
    found = queries.templates(ctx, "quote")
    assert [(one.language, one.is_default) for one in found] == [("en", True), ("es", True), ("ko", True), ("ru", True), ("zh", True)]
    starter.make_starter(ctx.session)
    assert len(queries.templates(ctx)) == 5  # where there is one, nothing is made


def test_all_wrong_values_are_named_at_once(ctx):
    wrong = dict(
        name=" ", language="fr", layout="fancy", colour="#zzz", font="Comic Sans", paper="a0", margin_top="3", margin_left="61", columns=["name", "amount", "cost"], headings={"cost": "x"},
        title="{password}", terms="{__class__}", letterhead="a\n" * 9 + "b",
    )
    found = refused(lambda: actions.create_template(ctx, **wrong))
    assert found == {
        "name": "required", "language": "unknown_value", "layout": "unknown_value", "colour": "print_colour", "font": "unknown_value", "paper": "unknown_value", "margin_top": "print_margin",
        "margin_left": "print_margin", "columns": "unknown_value", "headings": "unknown_value", "title": "print_placeholder", "terms": "print_placeholder", "letterhead": "print_lines",
    }


@pytest.mark.parametrize(("columns", "code"), [([], "unknown_value"), (["name"], "print_column_needed"), (["name", "amount", "name"], "print_column_twice"), ("name", "unknown_value"), ([["name"]], "unknown_value")])
def test_the_columns_are_a_list_of_known_ones_with_item_and_amount(ctx, columns, code):
    assert refused(lambda: actions.create_template(ctx, name="A", columns=columns)) == {"columns": code}


def test_a_colour_too_pale_for_white_paper_is_refused(ctx):
    assert refused(lambda: actions.create_template(ctx, name="A", colour="#ffdd00")) == {"colour": "print_colour_pale"}
    assert actions.create_template(ctx, name="A", colour="AA2200").colour == "#aa2200"


def test_placeholders_are_put_in_once_and_what_they_hold_is_not_looked_at_again():
    assert rules.filled("For {customer}: {total} {unknown} {{number}}", {"customer": "{total}", "total": "5", "number": "7"}) == "For {total}: 5 {unknown} {7}"


def test_the_language_of_the_document_chooses_then_all_languages_then_any(ctx):
    assert queries.usual(ctx, "quote", "ko").language == "ko"
    everywhere = actions.create_template(ctx, name="For all")
    actions.delete_template(ctx, queries.usual(ctx, "quote", "ko"))
    assert queries.usual(ctx, "quote", "ko").id == everywhere.id
    actions.delete_template(ctx, everywhere)
    assert queries.usual(ctx, "quote", "ko").language == "en"


def test_one_is_the_usual_one_of_its_kind_and_language(ctx):
    first = queries.usual(ctx, "quote", "en")
    second = actions.copy_template(ctx, first, "Second")
    assert (second.intro, second.is_default) == (first.intro, False)
    actions.prefer_template(ctx, second)
    assert (second.is_default, first.is_default) == (True, False) and queries.usual(ctx, "quote", "en").id == second.id


def test_in_another_language_it_is_no_longer_the_usual_one(ctx):
    english = queries.usual(ctx, "quote", "en")
    actions.edit_template(ctx, english, language="es")
    assert english.is_default is False
    actions.edit_template(ctx, english, language="")
    assert english.is_default is True


def test_the_last_template_of_a_kind_stays(ctx):
    *others, last = queries.templates(ctx, "quote")
    for one in others:
        actions.delete_template(ctx, one)
    with pytest.raises(Refused, match="print_template_last"):
        actions.delete_template(ctx, last)


def test_a_deleted_one_comes_back_and_takes_nobodys_place(ctx):
    first = queries.usual(ctx, "quote", "en")
    second = actions.copy_template(ctx, first, "Second")
    actions.delete_template(ctx, first)
    actions.prefer_template(ctx, second)
    actions.restore_template(ctx, queries.one(ctx, first.id, deleted=True))
    ctx.session.flush()
    assert (first.is_default, second.is_default) == (False, True)


def test_two_who_edit_the_same_value_meet(ctx):
    one = queries.usual(ctx, "quote", "en")
    version, was = one.version, {"title": None, "colour": one.colour}
    actions.edit_template(ctx, one, title="Offer {number}", colour="#225522")
    actions.edit_template(ctx, one, version=version, original=was, layout="modern")
    assert (one.title, one.layout) == ("Offer {number}", "modern")
    with pytest.raises(Conflict):
        actions.edit_template(ctx, one, version=version, original=was, title="Bid {number}")


def test_only_whoever_may_decide_how_documents_look_changes_them(as_):
    ctx = as_("rep")
    one = queries.usual(ctx, "quote", "en")
    assert queries.one(ctx, one.id) is one  # he may look
    for call in (
        lambda: actions.create_template(ctx, name="A"), lambda: actions.copy_template(ctx, one, "A"), lambda: actions.edit_template(ctx, one, name="A"), lambda: actions.prefer_template(ctx, one),
        lambda: actions.delete_template(ctx, one), lambda: actions.restore_template(ctx, one), lambda: actions.set_logo(ctx, one, picture()),
    ):
        with pytest.raises(Forbidden):
            call()


def test_a_logo_is_drawn_anew_and_no_byte_of_the_file_is_kept(ctx):
    one = queries.usual(ctx, "quote", "en")
    actions.set_logo(ctx, one, picture((2000, 500), "JPEG") + b"<script>hidden</script>")
    content = queries.logo(ctx, one.logo_id)
    assert content.startswith(b"\x89PNG") and b"hidden" not in content
    assert Image.open(io.BytesIO(content)).size == (800, 200)


@pytest.mark.parametrize(("content", "code"), [(b"", "print_logo_kind"), (b"%PDF-1.7", "print_logo_kind"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "print_logo_kind"), (b"x" * 2_000_001, "too_large")])
def test_what_is_no_picture_is_no_logo(ctx, content, code):
    assert refused(lambda: actions.set_logo(ctx, queries.usual(ctx, "quote", "en"), content)) == {"logo": code}


def test_a_picture_of_many_pixels_is_refused_by_its_head(ctx):
    assert refused(lambda: actions.set_logo(ctx, queries.usual(ctx, "quote", "en"), picture((4000, 1001)))) == {"logo": "print_logo_pixels"}


def test_a_logo_that_no_template_has_any_more_is_gone(ctx):
    one = queries.usual(ctx, "quote", "en")
    actions.set_logo(ctx, one, picture())
    copy = actions.copy_template(ctx, one, "Copy")
    ctx.session.flush()
    actions.set_logo(ctx, one, None)
    assert len(ctx.session.execute(select(PrintLogo.id)).all()) == 1  # the copy has it
    actions.set_logo(ctx, copy, picture(colour="blue"))
    assert len(ctx.session.execute(select(PrintLogo.id)).all()) == 1


def test_the_audit_tells_what_was_changed_in_a_template(world):
    with world.acme.ctx("owner") as ctx:
        one = queries.usual(ctx, "quote", "en")
        actions.edit_template(ctx, one, colour="#663300", title="Offer {number}")
    with world.acme.ctx("owner") as ctx:
        found = ctx.session.execute(text("SELECT changes FROM audit_entry WHERE table_name = 'print_template' AND row_id = :id ORDER BY id DESC LIMIT 1"), {"id": one.id}).scalar_one()
    assert "#663300" in str(found) and "Offer {number}" in str(found)


def test_the_database_keeps_what_the_rules_keep(ctx):
    for values in ({"colour": "red"}, {"columns": ["name"]}, {"columns": [*COLUMNS, "cost"]}, {"margin_top": 2}, {"language": "fr"}, {"layout": "x"}):
        with pytest.raises(Exception, match="ck_print_template"), ctx.session.begin_nested():
            ctx.session.add(PrintTemplate(**{"kind": "quote", "name": "A", "columns": list(COLUMNS)} | values))
            ctx.session.flush()
