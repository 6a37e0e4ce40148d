"""One cell into one value, by the rules a form has: whole numbers, amounts, dates, addresses of mail.

Every reader takes the cell's text and the file's Reading, gives a JSON value or None, and raises Refused with the
code of what to do instead.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.base.errors import Refused
from core.products.amounts_in import is_currency
from infra.spreadsheets import Number

YES = {"1", "true", "t", "yes", "y", "x", "si", "sí", "verdadero", "是", "对", "예", "네", "да", "истина"}
NO = {"0", "false", "f", "no", "n", "falso", "否", "아니오", "아니요", "нет", "ложь"}
APOSTROPHES = dict.fromkeys(map(ord, "'\u2019"), " ")
SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009'\u2019"))
# What stands behind a day in its cell: half past three, in 24 hours or twice twelve.
CLOCK = re.compile(r"^(?P<day>.*\d[.日일]?)[ ,T]+(?P<early>오전|오후|上午|下午)? ?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)? ?(?P<half>[ap]\.? ?m\.?)?$", re.IGNORECASE)
DAY = re.compile(r"^(\d{1,4})[./\-年 ]+(\d{1,2})[./\-月 ]+(\d{1,4})[.日]?$")
KOREAN_DAY = re.compile(r"^(\d{2}|\d{4})년\s*(\d{1,2})월\s*(\d{1,2})일$")
# A year of two digits: in front where its sign stands behind it, or in "26. 11. 12." of Korea; behind in "31/12/25" and "31.12.25".
SHORT_FIRST = re.compile(r"\d{2}(?:\. \d{1,2}\. \d{1,2}\.|[년年] ?\d{1,2}[월月] ?\d{1,2}[일日]?)")
SHORT_LAST = re.compile(r"\d{1,2}(?: ?/ ?\d{1,2} ?/ ?|\. ?\d{1,2}\. ?)\d{2}\.?")
# Behind a number, a minus of its own: at the end, or with a currency at a distance. "500 - EUR" and "1200-USD" have a dash.
MINUS_BEHIND = re.compile(r" ?- *|- +(\S.*)")

ANY_YEAR = 2000  # near which short years lie while only the order of day and month is looked for


@dataclass(frozen=True, slots=True)
class Reading:
    """How this file writes: decimal mark, order of day and month, what one unit of an amount stands for, and when it is read."""

    decimal_mark: str = "."
    day_order: str = "dmy"
    scale: int = 1
    zone: ZoneInfo = ZoneInfo("UTC")
    today: date = date.min


def plain_digits(text: str) -> str:
    """Full-width digits and signs become ASCII, spaces between digits go."""
    return unicodedata.normalize("NFKC", text).translate(SPACES).replace("\u2212", "-")


def read_number(text: str, mark: str) -> Decimal | None:
    """A number whose groups are whole threes, below nothing where a minus stands before or behind it; None for anything doubtful: never 17
    out of "1,7", nor 12 out of "1 2"."""
    if isinstance(text, Number):
        return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    other = "," if mark == "." else "."
    digits = " ".join(unicodedata.normalize("NFKC", text).translate(APOSTROPHES).replace("\u2212", "-").split())
    found = re.fullmatch(rf"(-?) ?(\d+|\d{{1,3}}(?:{re.escape(other)}\d{{3}})+|\d{{1,3}}(?: \d{{3}})+)((?:{re.escape(mark)}\d+)?) ?(-?)", digits)
    if found is None or (found[1] and found[4]):
        return None
    whole, decimals = re.sub(r"\D", "", found[2]), found[3].replace(mark, ".")
    return Decimal(f"{found[1] or found[4]}{whole}{decimals}")


def read_amount(text: str, reading: Reading) -> str:
    """An amount in major units as a decimal string, a currency sign or code beside it taken off, times the scale. "1 200-" is below
    nothing, "1200.-" is not."""
    bare = text
    if not isinstance(text, Number):
        _, number, behind = apart(text)
        bare = signed(number, behind)
    value = read_number(bare, reading.decimal_mark)
    if value is None:
        raise Refused("not_an_amount_here", value=shown(text), mark=reading.decimal_mark)
    return format(value * reading.scale, "f")


def read_percent(text: str, reading: Reading) -> str:
    """A share in hundredths: "20 %", "%20", 20, and a workbook's 0.2 where it shows 20%."""
    if isinstance(text, Number):
        return Number(text.removesuffix("%"))  # still one that no habit of the file changes
    plain = unicodedata.normalize("NFKC", text).strip()
    return (plain[1:] if plain.startswith("%") else plain.removesuffix("%")).strip()


def read_price(text: str, reading: Reading) -> str:
    """An amount, and behind it whatever stands beside it in the cell, mostly a currency: "12.50 USD", "12.50 $"."""
    amount = read_amount(text, reading)
    if isinstance(text, Number):
        return amount
    before, _, behind = apart(text)
    return " ".join([amount, *before.split(), *behind.split()])


def apart(text: str) -> tuple[str, str, str]:
    """A number with its sign, between what stands before and behind it. In one walk from each side, however long a cell is."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    first = next((place for place, sign in enumerate(plain) if sign.isdecimal() or sign in "-+("), len(plain))
    last = next((place for place in range(len(plain), first, -1) if plain[place - 1].isdecimal() or plain[place - 1] == ")"), first)
    return plain[:first], plain[first:last], plain[last:]


def signed(number: str, behind: str) -> str:
    """A number with the minus that stands behind it, where what stands there is one and no dash."""
    found = MINUS_BEHIND.fullmatch(behind)
    return f"{number}-" if found and (found[1] is None or is_currency(found[1])) else number


def read_year(text: str, reading: Reading) -> int:
    """A year: four digits, or the year of a date."""
    digits = plain_digits(text)
    if re.fullmatch(r"\d{4}(?:\.0+)?[年년]?", digits):
        return int(digits[:4])
    try:
        return int(read_day(text, reading)[:4])
    except Refused:
        raise Refused("not_a_year", value=shown(text)) from None


def read_day(text: str, reading: Reading) -> str:
    """A date as ISO text, whatever the time of day behind it. A moment with a zone becomes the date it was where the reader is."""
    return _day(text, reading, None)


def read_near_day(text: str, reading: Reading) -> str:
    """The same of something that is not long past nor far off, so that a year may be written with its last two digits."""
    return _day(text, reading, reading.today.year)


def _day(text: str, reading: Reading, near: int | None) -> str:
    found = _moment(text.strip(), reading.zone) or _parts(_apart(text)[0], reading.day_order, near)
    if found is None:
        raise Refused("not_a_date", value=shown(text))
    return found.isoformat()


def read_moment(text: str, reading: Reading) -> str:
    """A moment as ISO text with its zone, that of the reader where it has none; a day alone stays a day. None before 1900, or at the edge of the
    calendar, which a zone would move over it."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = datetime.combine(date.fromisoformat(read_near_day(text, reading)), _apart(text)[1] or time())
    if len(text.strip()) <= 10 or found.time() == datetime.min.time():
        return _sane(found.date().isoformat(), text)
    return _sane((found if found.tzinfo else found.replace(tzinfo=reading.zone)).isoformat(), text)


def _apart(text: str) -> tuple[str, time | None]:
    """A day as it is written, and the time of day behind it."""
    plain = plain_spaces(text)
    found = CLOCK.fullmatch(plain)
    if found is None:
        return plain, None
    half = "pm" if found["early"] in ("오후", "下午") or (found["half"] or "")[:1] in ("p", "P") else "am" if found["early"] or found["half"] else ""
    hour = int(found["hour"])
    hour = hour % 12 + 12 * (half == "pm") if half and hour <= 12 else hour
    try:
        return found["day"], time(hour, int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        return plain, None


def _sane(found: str, text: str) -> str:
    if not 1900 <= int(found[:4]) < 9999:
        raise Refused("not_a_date", value=shown(text))
    return found


def plain_spaces(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _moment(text: str, zone: ZoneInfo) -> date | None:
    """ISO 8601: a date, or a moment with or without zone; None when it is neither."""
    try:
        found = datetime.fromisoformat(text)
        return (found.astimezone(zone) if found.tzinfo else found).date()
    except (ValueError, OverflowError):  # the last: a moment at the very edge of the calendar, moved over it by its zone
        return None


def _parts(text: str, order: str, near: int | None = None) -> date | None:
    """Three numbers, one of them surely the year; dots mean day before month, else the file's order decides. near: the year by which
    the last two digits of one are understood; without it they are a guess about somebody's age."""
    found = _three(text)
    if found is None:
        return None
    in_front, numbers = found
    written = numbers[0 if in_front else 2]
    if len(written) == 2 and near is None:
        return None
    a, b, c = (int(part) for part in numbers)
    month, day = (b, c) if in_front else (b, a) if order == "dmy" or "." in text else (a, b)
    try:
        return date(_century(int(written), near or 0) if len(written) == 2 else int(written), month, day)
    except ValueError:
        return None


def _three(text: str) -> tuple[bool, tuple[str, ...]] | None:
    """(does the year stand in front, the three numbers); None where neither of the outer ones is surely the year, as in "26-11-12"."""
    match = KOREAN_DAY.fullmatch(text) or DAY.fullmatch(text)
    if match is None:
        return None
    if len(match[1]) == 4 or SHORT_FIRST.fullmatch(text):
        return True, match.groups()
    return (False, match.groups()) if (len(match[3]) == 4 and "年" not in text) or SHORT_LAST.fullmatch(text) else None


def _century(last: int, near: int) -> int:
    """The year with these two digits at the end from 79 years back to 20 ahead."""
    return next(year for year in range(near - 79, near + 21) if year % 100 == last)


def read_yes(text: str, reading: Reading) -> bool:
    folded = plain_spaces(text).casefold()
    if folded in YES or folded in NO:
        return folded in YES
    raise Refused("not_yes_or_no", value=shown(text))


def read_tags(text: str, reading: Reading) -> list[str]:
    """Several words in one cell, as programs join them; an own group marker of Google's is dropped."""
    parts = (part.strip().removeprefix("* ").strip() for part in re.split(r":::|[,;|\n]", text))
    return list(dict.fromkeys(part[:60] for part in parts if part and part != "myContacts"))[:50]


def shown(text: str) -> str:
    """A cell as a message may repeat it: short, one line, nothing invisible."""
    return re.sub(r"[^\S ]+|[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", "\ufffd", text)[:40]


# ---- how a file writes, guessed from some of its cells ----


def guess_decimal_mark(cells: list[str]) -> str:
    """The mark that only one of them can be: "1,7" and "1.234.567" say comma."""
    votes = {",": 0, ".": 0}
    for text in cells:
        if isinstance(text, Number):
            continue
        digits = apart(plain_digits(text))[1].strip("+()")
        for mark, other in ((",", "."), (".", ",")):
            sure = rf"-?\d+{re.escape(mark)}(?:\d{{1,2}}|\d{{4,}})|-?\d{{1,3}}(?:{re.escape(other)}\d{{3}})+{re.escape(mark)}\d+|-?\d{{1,3}}(?:{re.escape(other)}\d{{3}}){{2,}}"
            votes[mark] += bool(re.fullmatch(sure, digits))
    return "," if votes[","] > votes["."] else "."


def guess_day_order(cells: list[str], language: str, chosen: str = "", is_english: bool = True) -> str:
    """By a number over twelve; else as the reader chose to see days (core.base.formats), else as the language of file and
    reader writes slashes (English ones: mostly the American way)."""
    for text in cells:
        day = _apart(text)[0]
        in_front, numbers = _three(day) or (True, ())
        orders = [] if in_front else [order for order in ("dmy", "mdy") if _parts(day, order, ANY_YEAR)]
        if orders and max(int(numbers[0]), int(numbers[1])) > 12:
            return orders[0]
    if chosen in ("dots", "slashes", "us"):
        return "mdy" if chosen == "us" else "dmy"
    return "mdy" if language == "en" and is_english else "dmy"


def guess_scale(name: str) -> int:
    """What one unit stands for, when the header says so."""
    folded = name.casefold()
    if re.search(r"million|millones|\bmio\b|\bmn\b|百万|백만|млн", folded):
        return 1_000_000
    return 1000 if re.search(r"thousand|\bmiles\b|千元|천원|тыс", folded) else 1
