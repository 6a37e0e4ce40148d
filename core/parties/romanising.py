"""Chinese and Korean names by what is typed instead of them: "wang" for 王, "kim" for 김, ㄱㅊㅅ for 김철수.

Nothing is kept for it beside the names: what was typed becomes the signs that it may stand for, and the index on the signs of
names finds those. Readings are those of anyascii (Mandarin without tones), and of family names that are read otherwise.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, product

from anyascii import anyascii

from infra.once import made_once

# Read otherwise where they are family names, and signs of two readings.
FAMILY = {
    "shan": "单單", "zeng": "曾", "qiu": "仇", "xie": "解", "ou": "区區", "zha": "查", "piao": "朴", "ren": "任", "ge": "盖葛蓋", "qin": "覃", "zhai": "翟", "yue": "乐樂", "le": "乐樂", "xian": "冼", "chong": "种重",
    "chang": "长長", "zhang": "长長", "hang": "行", "zhong": "种重", "lv": "吕呂绿律", "nv": "女", "yun": "员員", "he": "和贺賀", "yu": "尉于於", "moqi": "万俟", "chao": "晁朝", "bo": "薄柏", "hui": "会會", "kuai": "会會",
}
# Beyond the signs of every day.
GIVEN = (
    "晟婕璇鑫钰焱玥珺茜昱翊煜炜祎彧懿霖骁骏瀚淼琳琪瑶瑜璐璟珂娅娜婧媛媚嫣芮苒茵荃菁菲蓉薇蕾暄晗晖晔曦昕旻旸栩桢桦楠榕檀沁沅泓洛洵浔涛淇湉滢漪澜澍濠烨焕熠犇琛琨瑄瑾璞皓睿祺禹筱筠翎翀耘聪胤臻航芷芸苓茗荔莉莎萌葳蓓蔚蘅谦豪贤轩逸"
    "钊钧铎铭锋锐锦镇闻雯霏霄韬颖颢馨骞鹏麒黛"
)
MOST_SYLLABLES, MOST_WAYS, MOST_SIGNS, LONGEST = 6, 8, 80, 24
FIRST = {
    "ㄱ": "g k", "ㄲ": "kk gg", "ㄴ": "n", "ㄷ": "d t", "ㄸ": "tt dd", "ㄹ": "r l", "ㅁ": "m", "ㅂ": "b p", "ㅃ": "pp bb", "ㅅ": "s sh", "ㅆ": "ss", "ㅇ": "", "ㅈ": "j ch", "ㅉ": "jj", "ㅊ": "ch", "ㅋ": "k", "ㅌ": "t", "ㅍ": "p", "ㅎ": "h",
}
VOWEL = {
    "ㅏ": "a", "ㅐ": "ae ai", "ㅑ": "ya", "ㅒ": "yae", "ㅓ": "eo u", "ㅔ": "e", "ㅕ": "yeo yu you", "ㅖ": "ye", "ㅗ": "o oh", "ㅘ": "wa", "ㅙ": "wae", "ㅚ": "oe oi", "ㅛ": "yo", "ㅜ": "u oo woo", "ㅝ": "wo", "ㅞ": "we", "ㅟ": "wi",
    "ㅠ": "yu yoo", "ㅡ": "eu u", "ㅢ": "ui ee i", "ㅣ": "i ee y yi",
}
# By their place among the 28 endings of a syllable; the other endings are written as these.
LAST = {0: "", 1: "k g", 4: "n", 7: "t d", 8: "l r", 16: "m", 17: "p b", 19: "t s", 21: "ng"}
USUAL = {"lee": "이리", "li": "이리", "rhee": "이", "park": "박", "pak": "박", "noh": "노", "roh": "노", "suh": "서", "hur": "허", "huh": "허", "shim": "심", "ryu": "류유", "rim": "임림", "lim": "임림", "im": "임", "oh": "오", "ahn": "안", "sohn": "손"}
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
SYLLABLE, LATIN = re.compile("[\uac00-\ud7a3]"), re.compile("[a-z]{2,}")


@dataclass(frozen=True)
class Signs:
    """Of one word: a sign from each of `held` is in the name, and the name matches `pattern`."""

    held: tuple[str, ...]
    pattern: str


def of_latin(word: str) -> Signs | None:
    """The signs that a word in Latin letters may be read from; None for what is no syllables of Mandarin or Korean."""
    if not LATIN.fullmatch(word) or len(word) > LONGEST:
        return None
    ways = _ways(word, _mandarin()) + _ways(word, _korean())
    if not ways:
        return None
    ends = {"".join(dict.fromkeys("".join(way[place] for way in ways))) for place in (0, -1)}
    return Signs(tuple(sorted(ends)), "|".join("".join(f"[{signs}]" for signs in way) for way in ways))


def of_hangul(word: str) -> tuple[str, str] | None:
    """(its initials, a pattern of names) of Hangul with initials alone or a last syllable that is not done: 김ㅊ, 김처; None
    for less than two signs and whatever else."""
    if len(word) < 2 or not all(sign in INITIALS or SYLLABLE.match(sign) for sign in word):
        return None
    opened = [_begun_with(sign, last=place == len(word) - 1) for place, sign in enumerate(word)]
    whole = all(len(one) == 1 for one in opened)
    return None if whole else ("".join(_initial(sign) for sign in word), "".join(one if len(one) == 1 else f"[{one}]" for one in opened))


def _begun_with(sign: str, *, last: bool) -> str:
    """The range of syllables that begin so: of an initial all of its, of the last one without an end those with one."""
    if sign in INITIALS:
        start = 0xAC00 + INITIALS.index(sign) * 588
        return f"{chr(start)}-{chr(start + 587)}"
    return f"{sign}-{chr(ord(sign) + 27)}" if last and (ord(sign) - 0xAC00) % 28 == 0 else sign


def _initial(sign: str) -> str:
    return sign if sign in INITIALS else INITIALS[(ord(sign) - 0xAC00) // 588]


@made_once
def _mandarin() -> Mapping[str, str]:
    """Syllable -> the signs that are read so, of the everyday ones of both Chinese character sets and of those that children are
    called by, those of the mainland first: with all signs a search for "yi" would look up three hundred."""
    found: dict[str, str] = {}
    for sign in dict.fromkeys(_everyday("gb2312", 0xB0, 0xD8) + _everyday("big5", 0xA4, 0xC7) + GIVEN):
        read = anyascii(sign).lower()
        found[read] = found.get(read, "") + sign
    for read, signs in FAMILY.items():
        found[read] = "".join(dict.fromkeys(signs + found.get(read, "")))
    return {read: signs[:MOST_SIGNS] for read, signs in found.items()}


def _everyday(charset: str, first: int, last: int) -> str:
    """The Chinese signs of a character set of two bytes."""
    pairs = bytes(byte for lead in range(first, last) for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)) if charset != "gb2312" or trail > 0xA0 for byte in (lead, trail))
    return re.sub("[^\u4e00-\u9fff]", "", pairs.decode(charset, errors="ignore"))


@made_once
def _korean() -> Mapping[str, str]:
    """Syllable in Latin letters, in whatever way it is usually written -> syllables of Hangul."""
    found: dict[str, set[str]] = {read: set(signs) for read, signs in USUAL.items()}
    for (first, firsts), (vowel, vowels), (last, lasts) in product(enumerate(FIRST.values()), enumerate(VOWEL.values()), LAST.items()):
        sign = chr(0xAC00 + (first * 21 + vowel) * 28 + last)
        for read in map("".join, product(firsts.split() or [""], vowels.split(), lasts.split() or [""])):
            found.setdefault(read, set()).add(sign)
    return {read: "".join(sorted(signs)) for read, signs in found.items()}


def _ways(word: str, known: Mapping[str, str]) -> list[list[str]]:
    """The ways to cut a word into known syllables, few of them, the longest syllables first."""
    dead: set[tuple[int, int]] = set()  # (place, syllables left) from where no way leads to the end

    def cut(start: int, most: int) -> Iterator[list[str]]:
        if start == len(word):
            yield []
        elif most and (start, most) not in dead:
            ends = [end for end in range(min(len(word), start + 7), start, -1) if word[start:end] in known]
            ways = ([known[word[start:end]], *rest] for end in ends for rest in cut(end, most - 1))
            first = next(ways, None)
            if first is None:
                dead.add((start, most))
            else:
                yield from chain([first], ways)

    return list(islice(cut(0, MOST_SYLLABLES), MOST_WAYS))
