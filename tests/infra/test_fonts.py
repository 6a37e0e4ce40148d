"""Chinese and Korean on paper: brought once by npm with locked versions, the same on every machine, never printed as boxes."""

import io
import os
import shutil
from datetime import timedelta

import pypdf
import pytest

from billing import printing
from infra import fonts, pdf
from infra.config import settings
from tenants import entry
from tests.billing.test_printing import sheet, text_of

NAMES = {"zh": "激光水平仪有限公司 骨直门", "ko": "레이저 수평기 뷁 주식회사", "ru": "Ёжик №5, щётка"}


@pytest.fixture(scope="session")
def brought(tmp_path_factory):
    """The real fonts from the machine's npm registry."""
    folder = tmp_path_factory.mktemp("fonts")
    try:
        fonts.bring(folder)
    except fonts.FontsFailed as problem:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"the npm registry can't be reached, so no fonts: {problem}")
    return folder


@pytest.fixture
def at(stack, monkeypatch):
    """at(folder): our settings name that folder for fonts, and printing starts anew."""

    def use(folder):
        monkeypatch.setenv("FONTS_DIR", str(folder))
        settings.cache_clear()
        pdf._press.stop()

    yield use
    monkeypatch.undo()
    settings.cache_clear()
    pdf._press.stop()


def fonts_in(content: bytes) -> set[str]:
    """Names of the fonts that a PDF carries."""
    found = set()
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].values():
            found.add(font.get_object()["/BaseFont"].split("+")[-1].lstrip("/"))
    return found


def boxes_in(content: bytes) -> int:
    """How often glyph 0, the box for what a font lacks, is drawn: every font of Typst's PDFs is written in two-byte glyph numbers."""
    from pypdf.generic import ContentStream, TextStringObject

    count, reader = 0, pypdf.PdfReader(io.BytesIO(content))
    for page in reader.pages:
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            for part in (operands[0] if operator == b"TJ" else operands) if operator in (b"TJ", b"Tj") else ():
                if isinstance(part, bytes | TextStringObject):
                    raw = part.original_bytes if isinstance(part, TextStringObject) else bytes(part)
                    count += sum(raw[n : n + 2] == b"\0\0" for n in range(0, len(raw), 2))
    return count


@pytest.mark.parametrize("lang", list(NAMES))
def test_every_script_has_its_glyphs(at, brought, lang):
    at(brought)
    content = pdf.render("invoice", sheet(lang, legal_name=f"{NAMES[lang]} {NAMES['zh']} {NAMES['ko']} {NAMES['ru']}"))
    shown = "".join(text_of(content).split())
    for name in NAMES.values():
        assert "".join(name.split()) in shown
    assert boxes_in(content) == 0
    names = fonts_in(content)
    assert any("NotoSansSC" in name for name in names) and any("NotoSansKR" in name for name in names) and "LibertinusSerif-Regular" not in names


def test_the_control_a_text_printed_without_them_would_be_boxes(at, tmp_path):
    at(tmp_path)
    press = pdf.Press()
    try:
        assert boxes_in(press.render("invoice", sheet("zh", legal_name=NAMES["zh"]))) > 0
    finally:
        press.stop()


def test_korean_readers_get_korean_forms_and_all_others_chinese_ones(at, brought):
    at(brought)
    assert all("NotoSansKR" in name for name in fonts_in(pdf.render("invoice", sheet("ko", legal_name="骨直門"))))
    assert all("NotoSansSC" in name for name in fonts_in(pdf.render("invoice", sheet("zh", legal_name="骨直門"))))


@pytest.mark.parametrize("lang", ["en", "es", "ru"])
def test_latin_and_cyrillic_print_at_once_without_any_fonts_of_the_machine(at, tmp_path, lang):
    at(tmp_path)
    content = pdf.render("invoice", sheet(lang, legal_name="Ёжик Ñandú №5"))
    assert boxes_in(content) == 0 and "Ёжик" in text_of(content)
    assert {name.split("-")[0] for name in fonts_in(content)} == {"LibertinusSerif"}, "nothing of this machine"


@pytest.mark.parametrize("text", ["北京", "서울", "カナ", "，", "ﾊﾝｶｸ", "𠮷", "【"])
def test_what_needs_them_is_refused_without_them(at, tmp_path, text):
    at(tmp_path)
    with pytest.raises(pdf.FontsMissing, match="bin/tendero fonts"):
        pdf.render("invoice", sheet("en", legal_name=text))


def test_half_of_them_is_not_all_of_them(brought, tmp_path):
    for path in brought.glob("NotoSansSC*"):
        shutil.copy(path, tmp_path)
    assert not fonts.present(tmp_path)
    (tmp_path / fonts.STAMP).write_text("another lock")
    assert not fonts.present(tmp_path) and fonts.present(brought) and not fonts.bring(brought)
    assert len(list(brought.glob("*.ttf"))) == 4 and len(list(brought.glob("*.LICENSE"))) == 2 and not list(brought.glob(".new-*"))


def test_a_registry_that_cannot_be_reached_is_one_sentence_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    assert fonts.main([str(tmp_path / "fonts")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("npm could not fetch the print fonts") and said.count("\n") == 1
    assert not fonts.present(tmp_path / "fonts") and list((tmp_path / "fonts").iterdir()) == []


def test_the_terminal_brings_them_where_the_settings_say(at, brought):
    from click.testing import CliRunner

    from workers.cli import main

    at(brought)
    done = CliRunner().invoke(main, ["fonts"])
    assert done.exit_code == 0 and str(brought) in done.output and "already" in done.output


def test_an_invoice_that_waits_for_fonts_says_so_at_once_and_is_printed_by_a_worker(at, app, brought, tmp_path):
    """The web answers with a sentence, leaves one order, and serves what the worker printed."""
    from uuid import uuid4

    from sqlalchemy import select

    from billing import signup, subscriptions
    from tenants import provisioning
    from tenants.models import ControlOrder
    from workers.jobs import billing as jobs

    at(tmp_path)
    provisioning.fill_pool(1)
    tenant, _ = signup.sign_up(company="北京", slug=f"f{uuid4().hex[:9]}", mail="eva@acme.example", password="Zaunkoenig-7788", name="Eva", now=entry.utcnow())
    buyer = subscriptions.Buyer("北京有限公司", "Hauptstr. 1", "10115", "Berlin", "DE", "billing@acme.example")
    with entry.control() as session:
        invoice = subscriptions.order_by_transfer(
            session, tenant.id, key=uuid4(), plan="team", interval="month", seats=2, seats_used=1, buyer=buyer, by="Eva", now=entry.utcnow()
        )
        key, step = invoice.id, {"tenant_id": str(tenant.id), "subject_id": str(invoice.id), "step": "invoice_issued"}
    now = entry.utcnow()
    for moment in (now, now, now + timedelta(minutes=2)):
        with pytest.raises(printing.FontsComing) as refusal:
            printing.document(key, moment)
        assert refusal.value.status == 503
    with entry.control() as session:
        orders = session.execute(select(ControlOrder.args).where(ControlOrder.name == "billing.print", ControlOrder.args["invoice_id"].astext == str(key))).scalars().all()
    assert len(orders) == 2, "one a minute at most"
    jobs.letter(None, **step)  # the letter does not wait
    shutil.copytree(brought, tmp_path, dirs_exist_ok=True)
    jobs.print_invoice(None, **orders[0])
    content = printing.document(key, now)[1]
    assert boxes_in(content) == 0 and "北京有限公司" in "".join(text_of(content).split())
