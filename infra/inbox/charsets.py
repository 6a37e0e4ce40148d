"""Text out of bytes whose charset is named wrongly, not at all, or by a name that only some programs know."""

import re
from codecs import lookup

# What programs of the East write under these names is the larger set of the same family.
WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "shift_jis": "cp932", "x-sjis": "cp932", "euc-kr": "cp949", "euc_kr": "cp949",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "big5": "cp950", "iso-2022-jp": "iso2022_jp_ext", "cp-850": "cp850", "unicode-1-1-utf-7": "utf-7",
    "iso-8859-8-i": "iso-8859-8", "us-ascii": "utf-8", "ascii": "utf-8", "ansi_x3.4-1968": "utf-8", "iso-8859-1": "cp1252", "latin1": "cp1252",
}
# Codecs of Python that are no charset of a mail, some of them slow for long texts.
NEVER = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
# Where fewer bytes than this part of them are no ASCII it is a language of Western Europe: a short text tells a guesser too little.
WESTERN = 0.25
BROKEN = re.compile("[\ud800-\udfff]")


def decoded(data: bytes, charset: str | None) -> tuple[str, bool]:
    """The text, and whether it was as its head said."""
    named = (charset or "us-ascii").strip().strip("\"'").lower()
    for name in (WIDER.get(named, named), named):
        if _known(name):
            try:
                return data.decode(name), True
            except (UnicodeError, ValueError):
                continue
    return guessed(data), False


def guessed(data: bytes) -> str:
    """The text by its bytes alone."""
    try:
        return data.decode("utf-8")
    except UnicodeError:
        pass
    sample = data[:100_000]
    if sum(byte > 127 for byte in sample) < len(sample) * WESTERN:
        return data.decode("cp1252", "replace")
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return data.decode(best.encoding if best else "cp1252", "replace")


def storable(text: str) -> str:
    """Without NULs and halves of characters, which no database takes."""
    return BROKEN.sub("\ufffd", text.replace("\0", ""))


def _known(name: str) -> bool:
    try:
        codec = lookup(name)
    except (LookupError, ValueError):
        return False
    return codec._is_text_encoding and codec.name.replace("-", "_") not in NEVER
