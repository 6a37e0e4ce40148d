"""Calendar files of real programs, broken ones too, read in the limited child: they hold what is published of them, and what repeats has an end."""

import csv
from datetime import UTC, datetime

import pytest

from infra.readers import child
from infra.readers.calendars import MOST_EVENTS, MOST_TIMES
from infra.readers.converting import convert
from infra.readers.rows import Unreadable, read_table

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
COUNTS = ("events", "todos", "alarms", "timezones", "property_errors")


def test_every_sample_holds_what_is_published_of_it(data, tmp_path):
    folder = data / "icalendar"
    with open(folder / "expected_components.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 99
    for row in rows:
        found = child.answer_of("calendar", folder / row["file"], tmp_path / "rows", NOW.isoformat(), "")
        if row["parse"] == "refused":
            assert found == {"refused": "damaged", "params": {}}, row["file"]
            continue
        assert {name: found["counts"][name] for name in COUNTS} == {name: int(row[name]) for name in COUNTS}, row["file"]
        assert found["counts"]["first_summary"] == row["first_summary_or_error"], row["file"]
        assert found["rows"] >= int(row["events"]) + int(row["todos"]), f"{row['file']}: each has its row, with the reason where it can't be taken"


def rows(tmp_path, *events):
    path = tmp_path / "calendar.ics"
    path.write_text("\r\n".join(("BEGIN:VCALENDAR", *("\r\n".join(("BEGIN:VEVENT", "UID:u", "SUMMARY:x", *lines, "END:VEVENT")) for lines in events), "END:VCALENDAR", "")))
    convert("calendar", path, tmp_path / "rows", sheet=NOW.isoformat())
    return [row.cells for row in read_table(tmp_path / "rows")]


def times(tmp_path, *events):
    return [(cells[3:5] + ["", ""])[:2] for cells in rows(tmp_path, *events)]


def test_a_series_comes_by_the_clock_of_its_own_zone_without_what_is_left_out_or_was_moved(tmp_path):
    """Every Monday at nine in New York, one left out, one put to Tuesday; in December the clock there is five hours behind."""
    found = times(
        tmp_path, ["DTSTART;TZID=America/New_York:20260601T090000", "RRULE:FREQ=WEEKLY;UNTIL=20261222T000000Z", "EXDATE;TZID=America/New_York:20261207T090000"],
        ["DTSTART;TZID=America/New_York:20261215T110000", "RECURRENCE-ID;TZID=America/New_York:20261214T090000"],
    )
    assert found == [["", "2026-11-30T14:00:00+00:00"], ["", "2026-12-21T14:00:00+00:00"], ["", "2026-12-15T16:00:00+00:00"]]


def test_days_and_times_of_no_zone_stay_what_they_are(tmp_path):
    assert times(tmp_path, ["DTSTART;VALUE=DATE:20261224"], ["DTSTART:20261224T100000"]) == [["2026-12-24", ""], ["", "2026-12-24T10:00:00"]]


@pytest.mark.parametrize("until, last", [("20261214", "2026-12-15T04:00:00+00:00"), ("20261214T230000", "2026-12-15T04:00:00+00:00"), ("20261215T040000Z", "2026-12-15T04:00:00+00:00"), ("20261215T035959Z", "2026-12-08T04:00:00+00:00"), ("20261214T225959", "2026-12-08T04:00:00+00:00")])
def test_the_last_time_of_a_series_is_told_by_its_own_clock(tmp_path, until, last):
    """Mondays at eleven at night in New York: the Tuesday of UTC."""
    assert times(tmp_path, ["DTSTART;TZID=America/New_York:20261102T230000", f"RRULE:FREQ=WEEKLY;UNTIL={until}"])[-1] == ["", last]


def test_what_is_over_takes_no_place_of_what_comes(tmp_path):
    past = [["DTSTART:20200101T100000Z"]] * (MOST_EVENTS + 5)
    found = rows(tmp_path, *past, *[["DTSTART:20261224T100000Z"]] * MOST_EVENTS)
    assert sum(row[4].startswith("2026") for row in found) == MOST_EVENTS and len(found) == 2 * MOST_EVENTS
    with pytest.raises(Unreadable, match="too_many_rows"):
        rows(tmp_path, *past, *[["DTSTART:20261224T100000Z"]] * (MOST_EVENTS + 1))


def test_a_series_without_end_brings_no_more_than_its_share_and_one_by_the_second_nothing(tmp_path):
    assert len(rows(tmp_path, ["DTSTART:20261201T100000Z", "RRULE:FREQ=DAILY"])) == MOST_TIMES
    for rule, why in (("FREQ=SECONDLY", "event_too_often"), ("FREQ=DAILY;INTERVAL=x", "event_repeats"), ("FREQ=YEARLY;UNTIL=20200101", "event_over")):
        assert rows(tmp_path, ["DTSTART:19700101T000000Z", f"RRULE:{rule}"])[0][-1] == why, rule


def test_a_rule_that_never_comes_true_ends_with_the_child(tmp_path):
    """Days are walked to the year 9999 by the library: within its means, or the child ends."""
    try:
        assert rows(tmp_path, ["DTSTART:20261201T100000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"])[0][-1] == "event_over"
    except Unreadable as refusal:
        assert refusal.code == "bomb"


def test_more_events_than_a_file_may_bring_are_refused(tmp_path):
    with pytest.raises(Unreadable, match="too_many_rows"):
        rows(tmp_path, *[["DTSTART:20261201T100000Z"]] * (MOST_EVENTS + 1))
