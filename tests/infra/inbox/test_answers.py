"""What a calendar program answers is read out of a mail as plain values; whatever is no plain answer is a file like any other, and the mail is read all the same."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.inbox.limited import read_many
from infra.inbox.reading import read
from infra.inbox.values import packed, unpacked
from infra.incoming import CalendarAnswer
from infra.readers.calendar_answers import answer_of

GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REPLY
BEGIN:VEVENT
DTSTART:20270110T090000Z
DTEND:20270110T100000Z
DTSTAMP:20261201T120000Z
ORGANIZER;CN=Rep:mailto:replies+g-abc@acme.example
UID:activity-01a22e2b@acme
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Sofie
 Guest;X-NUM-GUESTS=0:mailto:Sofie@Guests.example
SEQUENCE:3
STATUS:CONFIRMED
SUMMARY:Spring frames
END:VEVENT
END:VCALENDAR
"""
OUTLOOK = """BEGIN:VCALENDAR
METHOD:REPLY
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;PARTSTAT=DECLINED;CN=Sofie Guest:MAILTO:sofie@guests.example
COMMENT;LANGUAGE=de-DE:Leider nicht\\n
UID:activity-01a22e2b@acme
SUMMARY;LANGUAGE=de-DE:Abgelehnt: Spring frames
DTSTART;TZID=W. Europe Standard Time:20270110T100000
DTSTAMP:20261201T120000Z
SEQUENCE:3
END:VEVENT
END:VCALENDAR
"""


def mail_with(calendar, kind='text/calendar; charset="UTF-8"; method=REPLY'):
    head = 'From: Sofie <sofie@guests.example>\r\nTo: rep@acme.example\r\nSubject: Accepted\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
    return (head + f"--b\r\nContent-Type: text/plain\r\n\r\nSofie comes.\r\n--b\r\nContent-Type: {kind}\r\n\r\n".replace("\\", "") + calendar.replace("\n", "\r\n") + "\r\n--b--\r\n").encode()


@pytest.mark.parametrize(("text", "word"), [(GOOGLE, "accepted"), (OUTLOOK, "declined"), (GOOGLE.replace("ACCEPTED", "TENTATIVE"), "tentative")])
def test_answers_of_common_programs_are_read(text, word):
    expected = CalendarAnswer("activity-01a22e2b@acme", 3, "sofie@guests.example", word, datetime(2026, 12, 1, 12, tzinfo=UTC))
    mail = read(mail_with(text))
    assert mail.answer == expected and mail.text == "Sofie comes." and len(mail.enclosed) == 1
    assert unpacked(packed(mail)) == mail
    assert read_many([mail_with(text)])[0].answer == expected  # in the limited child


NONE = {
    "a request": GOOGLE.replace("METHOD:REPLY", "METHOD:REQUEST"), "no method": GOOGLE.replace("METHOD:REPLY\n", ""), "no uid": GOOGLE.replace("UID:activity-01a22e2b@acme\n", ""),
    "no answer yet": GOOGLE.replace("ACCEPTED", "NEEDS-ACTION"), "passed on to somebody": GOOGLE.replace("ACCEPTED", "DELEGATED"), "nobody": GOOGLE.replace("mailto:Sofie", "tel:Sofie"),
    "two people": GOOGLE.replace("SEQUENCE:3", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:eve@evil.example\nSEQUENCE:3"), "one time of a series": GOOGLE.replace("SEQUENCE:3", "RECURRENCE-ID:20270110T090000Z\nSEQUENCE:3"),
    "a number that is none": GOOGLE.replace("SEQUENCE:3", "SEQUENCE:x"), "a number below": GOOGLE.replace("SEQUENCE:3", "SEQUENCE:-3"), "two uids": GOOGLE.replace("SEQUENCE:3", "UID:other\nSEQUENCE:3"),
    "a number beyond": GOOGLE.replace("SEQUENCE:3", "SEQUENCE:99999999999999"), "two events": GOOGLE.replace("END:VCALENDAR", GOOGLE[GOOGLE.index("BEGIN:VEVENT"):]), "broken": GOOGLE[:200], "empty": "", "words": "yes, I come",
    "a very long uid": GOOGLE.replace("activity-01a22e2b@acme", "x" * 5000), "a very large one": GOOGLE.replace("SUMMARY:", "SUMMARY:" + "x" * 200_000),
}


@pytest.mark.parametrize("why", sorted(NONE))
def test_what_is_no_plain_answer_is_none_and_the_mail_is_read_all_the_same(why):
    mail = read(mail_with(NONE[why]))
    assert mail.answer is None and mail.text == "Sofie comes." and mail.subject == "Accepted"


def test_a_calendar_that_is_called_something_else_is_a_file():
    mail = read(mail_with(GOOGLE, "application/octet-stream; name=invite.ics"))
    assert mail.answer is None and mail.enclosed[0].name == "invite.ics"


@given(st.lists(st.sampled_from([*GOOGLE.splitlines(), *OUTLOOK.splitlines(), "ATTENDEE;PARTSTAT=;:mailto:", "DTSTAMP:99999999T999999Z", "DTSTAMP;TZID=x:20260101T000000", "SEQUENCE:", "UID;=:x", "\x00"]), max_size=30), st.binary(max_size=40))
def test_no_bytes_break_the_reader(lines, tail):
    data = "\r\n".join(["BEGIN:VCALENDAR", "METHOD:REPLY", *lines]).encode() + tail
    found = answer_of(data)
    assert found is None or (found.word in ("accepted", "declined", "tentative") and 0 <= found.sequence < 2**31)
