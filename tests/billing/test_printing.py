"""Paper: one child process that prints what templates say and only shows what data say (RELIABILITY X3)."""

import io
import os
import signal
import threading
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pypdf
import pytest

from billing import printing
from infra import i18n, pdf

HOSTILE = [
    '#image("/etc/passwd")', '#read("/etc/passwd")', '#import "@preview/cetz:0.2.0": *', "$ integral x dif x $", "*bold* _soft_ `raw`",
    "#let x = 1; #x", "<label> @ref", "http://127.0.0.1/x.png", "\\u{0041} \\ // comment", "#panic(\"x\")", "= heading", "]} #[", "\u200b\u00ad",
]


def sheet(lang="en", **buyer):
    invoice = SimpleNamespace(
        locale=lang, number="2026-000001", issued_on=date(2026, 3, 1), due_on=date(2026, 3, 15), currency="EUR", net=5700, tax=1083, gross=6783,
        period_start=datetime(2026, 3, 1, tzinfo=UTC), period_end=datetime(2026, 4, 1, tzinfo=UTC), tax_treatment="domestic", reference="RF18539007547034",
        seller={"name": "Tendero Ltd", "address": "1 Example Street, Example Town", "vat_id": "DE123456789", "iban": "DE89370400440532013000", "bic": ""},
        buyer={"legal_name": "Acme", "address": "Hauptstr. 1", "postcode": "10115", "city": "Berlin", "country": "DE", "vat_id": None, **buyer},
    )
    line = SimpleNamespace(
        text={"plan": "team", "interval": "month"}, period_start=invoice.period_start, period_end=invoice.period_end, quantity=3, unit=1900, net=5700,
        tax_rate=1900, tax=1083,
    )
    return printing.sheet(invoice, [line])


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


@pytest.fixture
def press(stack):
    """A printing process of this test's own."""
    found = pdf.Press()
    yield found
    found.stop()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_customer_typed_is_shown_and_never_run(press, hostile):
    shown = text_of(press.render("invoice", sheet(legal_name=f"Before {hostile} after")))
    assert "root:" not in shown and "Before" in shown and "after" in shown
    if hostile.isprintable():
        assert "".join(hostile.split()) in "".join(shown.split())


@pytest.mark.parametrize("lang", list(i18n.LANGUAGES))
def test_every_language_prints_its_name_and_amounts(press, lang):
    shown = text_of(press.render("invoice", sheet(lang, legal_name="Ромашка 北京 서울 Müller")))
    assert "2026-000001" in shown and "Ромашка" in shown and "DE89 3704" in shown and "67" in shown


def test_the_invoice_holds_the_fields_of_article_226(press):
    shown = text_of(press.render("invoice", sheet(vat_id="DE999999999")))
    for part in ("Mar 1, 2026", "2026-000001", "DE123456789", "DE999999999", "Tendero Ltd", "Example Town", "Acme", "Hauptstr. 1", "Team, per seat and month",
                 "€19.00", "€57.00", "19 %", "€10.83", "€67.83", "RF18 5390 0754 7034"):
        assert part in shown, part


def test_a_template_reads_nothing_outside_its_folder_and_fetches_nothing(press, tmp_path, monkeypatch):
    (tmp_path / "reads.typ").write_text('#read("/../../../../etc/passwd")')
    (tmp_path / "fetches.typ").write_text('#import "@preview/cetz:0.2.0"')
    (tmp_path / "fine.typ").write_text("fine")
    monkeypatch.setattr(pdf, "PRINT", tmp_path)
    for name in ("reads", "fetches"):
        with pytest.raises(pdf.PdfFailed):
            press.render(name, {})
    assert "fine" in text_of(press.render("fine", {}))


def test_the_child_is_recycled_after_so_many_documents(press, monkeypatch):
    monkeypatch.setattr(pdf, "DOCUMENTS", 3)
    pids = []
    for _ in range(7):
        press.render("invoice", sheet())
        pids.append(press.pid)
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


def test_the_child_is_recycled_when_it_has_grown(press, monkeypatch):
    monkeypatch.setattr(pdf, "BYTES", 1)
    press.render("invoice", sheet())
    first = press.pid
    press.render("invoice", sheet())
    assert press.pid != first


def test_a_killed_child_costs_at_most_one_document(press):
    press.render("invoice", sheet())
    os.kill(press.pid, signal.SIGKILL)
    try:
        press.render("invoice", sheet())
    except pdf.PdfFailed:
        pass
    assert press.render("invoice", sheet()).startswith(b"%PDF")


def test_a_child_that_hangs_is_given_up(press, monkeypatch):
    press.render("invoice", sheet())
    monkeypatch.setattr(pdf, "SECONDS", 0.3)
    os.kill(press.pid, signal.SIGSTOP)
    with pytest.raises(pdf.PdfFailed):
        press.render("invoice", sheet())
    monkeypatch.undo()
    assert press.render("invoice", sheet()).startswith(b"%PDF")


def test_many_threads_get_each_their_own_document(press):
    found = {}

    def work(n):
        found[n] = text_of(press.render("invoice", sheet(legal_name=f"Customer-{n:03d}")))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"Customer-{n:03d}" in found[n] for n in range(12))


def test_an_unknown_template_is_refused():
    with pytest.raises(KeyError):
        pdf.render("../../etc/passwd", {})


def test_the_child_has_none_of_our_secrets(press, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "top-secret-value")
    press.render("invoice", sheet())
    with open(f"/proc/{press.pid}/environ", "rb") as file:
        assert b"top-secret-value" not in file.read()
