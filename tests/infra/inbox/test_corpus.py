"""Mails of the wild: none crashes the reader, none is lost, and they say what another reader finds in them."""

import json
import random
from datetime import UTC
from email.utils import parsedate_to_datetime

import pytest

from infra.inbox.limited import read_many
from infra.inbox.reading import read
from infra.incoming import Incoming

# Other readings than CPython's, each looked at: bytes of no charset that it could only replace; a name before "@" as a further address; no
# address at all between the brackets.
OTHERWISE = {
    "mikel-mail/error_emails/invalid_subject_characters.eml": "subject", "mikel-mail/plain_emails/raw_email_with_at_display_name.eml": "to", "mikel-mail/mime_emails/raw_email11.eml": "to", "mikel-mail/plain_emails/raw_email_multiple_from.eml": "to", "cpython/msg_43.txt": "from", "mikel-mail/plain_emails/mix_caps_content_type.eml": "from",
}


@pytest.fixture(scope="module")
def expected(data):
    folder = data / "email-messages"
    found = json.loads((folder / "expected_headers.json").read_text())
    return {name: ((folder / name).read_bytes(), answer) for name, answer in found.items()}


def utc(text):
    try:
        found = parsedate_to_datetime(text)
    except ValueError:  # "date" is no day there
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def test_every_mail_is_read_in_the_child(expected):
    raws = [raw for raw, _ in expected.values()]
    assert len(raws) == 84
    got = read_many(raws)
    assert all(isinstance(one, Incoming) for one in got)
    assert got == [read(raw) for raw in raws]


def test_heads_and_files_are_what_another_reader_finds(expected):
    wrong, compared = [], 0
    for name, (raw, said) in expected.items():
        if said["defects"]:
            continue
        got, compared = read(raw), compared + 1
        checks = {
            "subject": (said["subject"] or "").split() == got.subject.split(),
            "from": not said["from"] or (got.sender is not None and got.sender.address.lower() in said["from"].lower()),
            "to": all(person.address.lower() in (said["to"] or "").lower() for person in got.to) and bool(got.to) == ("@" in (said["to"] or "")),
            "date": (utc(said["date"]) if said["date"] else None) == got.sent_at,
            "files": {one for one in said["attachments"] if one} <= {one.name for one in got.enclosed},
        }
        wrong += [(name, what) for what, right in checks.items() if not right and OTHERWISE.get(name) != what]
    assert wrong == [] and compared == 71


def test_text_begins_as_another_reader_reads_it(expected):
    wrong = []
    for name, (raw, said) in expected.items():
        begins = " ".join((said["body_start"] or "").split())[:40]
        if said["defects"] or not begins or "<" in begins or "charset" in read(raw).defects or "Ã" in begins:
            continue
        whole = " ".join(f"{read(raw).text}\n{read(raw).quoted}".split())
        wrong += [] if whole.startswith(begins) else [name]
    assert wrong == []


def test_attachments_have_their_names_and_sizes(expected, data):
    def only(name):
        return [(one.name, one.content_type, len(one.data)) for one in read(expected.get(name, (None,))[0] or (data / "email-messages" / name).read_bytes()).enclosed]

    folder = "mikel-mail/attachment_emails/"
    assert [(name, kind) for name, kind, _ in only(folder + "attachment_with_quoted_filename.eml")] == [("Eelanalüüsi päring.jpg", "image/jpeg")]
    assert only(folder + "attachment_pdf_lf.eml") == [("broken.pdf", "application/pdf", 1026)]
    assert only("mikel-mail/multi_charset/japanese_attachment_long_name.eml")[0][0] == "かきくけこ" * 5 + ".txt"
    for name in expected:
        if name.startswith(folder):
            assert all(size for _, _, size in only(name)), name


def test_a_bounce_is_automatic_and_a_letter_is_not(expected):
    bounces = [name for name, (raw, said) in expected.items() if said["content_type"] == "multipart/report"]
    assert len(bounces) >= 4 and all(read(expected[name][0]).automatic for name in bounces)
    assert not read(expected["cpython/msg_07.txt"][0]).automatic


def test_cut_and_changed_bytes_are_still_a_mail(expected):
    luck, tried = random.Random(4), 0
    for raw, _ in expected.values():
        for _ in range(12):
            bad = bytearray(raw[: luck.randrange(1, len(raw) + 1)])
            for _ in range(luck.randrange(0, 30)):
                bad[luck.randrange(len(bad))] = luck.choice(b"\x00\xff\"<>=?;\r\n:()@\\") if luck.random() < 0.8 else luck.randrange(256)
            got, tried = read(bytes(bad), trusted="mx.acme.example"), tried + 1
            assert "\0" not in got.text + got.subject and not got.proven
            got.text.encode(), got.subject.encode(), [one.name.encode() for one in got.enclosed], [person.name.encode() for person in (*got.to, *got.cc)]
    assert tried == 84 * 12
