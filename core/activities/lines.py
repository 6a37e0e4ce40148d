"""A line as one says it: "call Sofie tomorrow 10:00: the frames", "내일 10시 김민준 전화", "明天下午三点给王伟打电话".

Only reads; nothing is looked up and no clock is asked. What is not understood stays among the words of the name, so that whoever
wrote it sees it before anything is saved.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from core.activities import line_words as words
from core.activities.rules import When, is_clock_alone, parse_when
from core.base.errors import Refused

LONGEST, WIDEST, MOST_MINUTES = 300, 6, 24 * 60


@dataclass(frozen=True)
class Line:
    """kind: None where none was said. was: it has happened (said so, or its day is over). who: the words that name somebody, as
    they were written. about: what it is about."""

    kind: str | None = None
    was: bool = False
    when: When | None = None
    minutes: int | None = None
    who: str = ""
    about: str = ""

    def __bool__(self) -> bool:
        """Does the line say what is to be done, and with whom or when?"""
        return self.kind is not None and bool(self.who or self.when)


def read_line(text: str, today: date, locale: str = "en") -> Line:
    """What a line says. locale decides only whether "3/4" is in March."""
    rest = re.sub(r"[\s\x00-\x1f]+", " ", unicodedata.normalize("NFC", text)[:LONGEST]).strip(" .,!")
    head, about = _halves(rest, words.HARD)
    head, minutes = _duration(_numbers(head))
    tokens, kind, was = _kind(_spaced(head).split())
    tokens, when = _when(tokens, today, locale, was)
    name, told = _halves(" ".join(tokens), words.SOFT)
    past = was or (when is not None and when.day < today)
    return Line(kind, past, when, minutes, _name(name), about or told)


def names_of(who: str) -> list[str]:
    """Ways in which the name may be kept, likeliest first: as written, without the endings of Korean, the words around a Chinese
    name, and the cases of Russian."""
    ways = [who, words.ENDINGS.sub("", who), words.LEADING.sub("", who)]
    for cut in (1, 2):
        ways.append(" ".join(one[:-cut] if words.CYRILLIC.match(one) else one for one in who.split()))
    return [one for one in dict.fromkeys(way.strip() for way in ways) if one]


def _halves(text: str, mark: re.Pattern) -> tuple[str, str]:
    """(before the mark, behind it)."""
    found = mark.search(text)
    return (text[: found.start()].strip(), text[found.end():].strip()) if found else (text, "")


def _numbers(text: str) -> str:
    """三点 becomes 3点."""
    return words.NUMBER.sub(lambda found: str(words.NUMBERS[found[1]]), text)


def _duration(text: str) -> tuple[str, int | None]:
    found = words.DURATION.search(text)
    if not found:
        return text, None
    count = float(found[1].replace(",", "."))
    minutes = round(count * 60 if found[2].lower() in words.ONE_HOUR else count)
    if not 0 < minutes <= MOST_MINUTES:
        return text, None
    return f"{text[: found.start()]} {text[found.end():]}".strip(), minutes


def _spaced(text: str) -> str:
    """With spaces around the days and times of a line that has none; other lines as they are."""
    return words.GLUED.sub(lambda found: f" {' '.join(filter(None, found.groups()))} ", text) if words.HAN.search(text) else text


def _kind(tokens: list[str]) -> tuple[list[str], str | None, bool]:
    """(the other words, kind, has it happened). The first word says it, else the last, else any."""
    places = dict.fromkeys([0, len(tokens) - 1, *range(len(tokens))]) if tokens else {}
    for place in places:
        found = words.KINDS.get(tokens[place].lower().strip(",."))
        if found:
            return tokens[:place] + tokens[place + 1:], *found
    for word in words.INSIDE:
        for place, token in enumerate(tokens):
            if word in token:
                parts = [part for part in token.split(word, 1) if part]
                return [*tokens[:place], *parts, *tokens[place + 1:]], *words.KINDS[word]
    return tokens, None, False


def _when(tokens: list[str], today: date, locale: str, past: bool) -> tuple[list[str], When | None]:
    """(the other words, day and time). Of several days the last one is meant; a time may stand apart from its day."""
    taken = _readable(tokens, today, locale, past)
    whole = next((one for one in reversed(taken) if one[2].clock is not None and not one[3]), None)
    days, clocks = [one for one in taken if one[2].clock is None], [one for one in taken if one[3]]
    chosen = [whole] if whole else [*days[-1:], *clocks[-1:]]
    if not chosen:
        return tokens, None
    gone = {place for begin, end, *_ in chosen for place in range(begin, end)}
    when = chosen[0][2] if len(chosen) == 1 else When(chosen[0][2].day, chosen[1][2].clock)
    return [token for place, token in enumerate(tokens) if place not in gone], when


def _readable(tokens: list[str], today: date, locale: str, past: bool) -> list[tuple[int, int, When, bool]]:
    """(begin, end, day and time, is it a time alone) of the runs of words that say a day or time: the longest, and none twice."""
    found: list[tuple[int, int, When, bool]] = []
    for width in range(min(WIDEST, len(tokens)), 0, -1):
        for begin in range(len(tokens) - width + 1):
            end, text = begin + width, " ".join(tokens[begin: begin + width])
            if all(end <= one[0] or begin >= one[1] for one in found):
                when = _moment(text, today, locale, past)
                if when:
                    found.append((begin, end, *when))
    return sorted(found, key=lambda one: one[0])


def _moment(text: str, today: date, locale: str, past: bool) -> tuple[When, bool] | None:
    """As it is, and without the ending that Korean puts behind a time."""
    for way in dict.fromkeys((text, re.sub("(?<=[시분반일요월화수목금토])에$", "", text))):
        try:
            return parse_when(way, today, past=past, locale=locale), is_clock_alone(way)
        except Refused:
            continue
    return None


def _name(text: str) -> str:
    tokens = text.strip(" ,").split()
    while tokens and tokens[0].lower() in words.BEFORE:
        tokens = tokens[1:]
    while tokens and tokens[-1].lower() in words.BEFORE:
        tokens = tokens[:-1]
    return " ".join(tokens).strip(" ,.")
