"""When somebody may be written to."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.notifications.rules import Quiet, last_morning, quiet_ends

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
NIGHT, NOON = Quiet(20, 7), Quiet(12, 14)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(("quiet", "now", "zone", "ends"), [
    (None, utc(2026, 5, 4, 23, 0), BERLIN, None),
    (NIGHT, utc(2026, 5, 4, 17, 59), BERLIN, None),  # 19:59 there
    (NIGHT, utc(2026, 5, 4, 18, 0), BERLIN, utc(2026, 5, 5, 5, 0)),
    (NIGHT, utc(2026, 5, 5, 4, 59), BERLIN, utc(2026, 5, 5, 5, 0)),
    (NIGHT, utc(2026, 5, 5, 5, 0), BERLIN, None),
    (NOON, utc(2026, 5, 4, 10, 30), BERLIN, utc(2026, 5, 4, 12, 0)),
    (NOON, utc(2026, 5, 4, 10, 30), TOKYO, None),
    (Quiet(22, 0), utc(2026, 5, 4, 21, 30), UTC, None),
    (Quiet(22, 0), utc(2026, 5, 4, 22, 30), UTC, utc(2026, 5, 5, 0, 0)),
    (Quiet(0, 6), utc(2026, 5, 4, 3, 0), UTC, utc(2026, 5, 4, 6, 0)),
    (NIGHT, utc(2026, 10, 24, 22, 0), BERLIN, utc(2026, 10, 25, 6, 0)),  # the night that is an hour longer
])
def test_quiet_hours_end_where_the_reader_is(quiet, now, zone, ends):
    assert quiet_ends(now, zone, quiet) == ends


@pytest.mark.parametrize(("now", "zone", "quiet", "morning"), [
    (utc(2026, 5, 4, 6, 0), BERLIN, None, utc(2026, 5, 4, 6, 0)),
    (utc(2026, 5, 4, 5, 59), BERLIN, None, utc(2026, 5, 3, 6, 0)),
    (utc(2026, 5, 4, 23, 30), TOKYO, None, utc(2026, 5, 4, 23, 0)),
    (utc(2026, 5, 4, 7, 0), BERLIN, Quiet(22, 10), utc(2026, 5, 3, 8, 0)),
    (utc(2026, 5, 4, 8, 0), BERLIN, Quiet(22, 10), utc(2026, 5, 4, 8, 0)),
    (utc(2026, 3, 29, 6, 0), BERLIN, None, utc(2026, 3, 29, 6, 0)),
    (utc(2011, 12, 30, 12, 0), ZoneInfo("Pacific/Apia"), None, utc(2011, 12, 29, 18, 0)),  # the 31st there, at two: the 30th never was
])
def test_the_morning_is_eight_where_the_reader_is_or_when_quiet_hours_end(now, zone, quiet, morning):
    assert last_morning(now, zone, quiet) == morning
