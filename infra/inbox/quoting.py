"""Where an answer ends and the older text below it begins. Only a plain case is split: text between quotes stays as it is."""

import re

# The line that a mail program writes above an older mail, in the languages of those we met.
OLDER = re.compile(
    r"\s*(?:-{2,}|_{2,})\s*(?:original message|originalnachricht|urspr[uü]ngliche nachricht|message d'origine|mensaje original|messaggio originale|"
    r"oorspronkelijk bericht|исходное сообщение|原始邮件|原郵件|원본 메[시세]지)\s*(?:-{2,}|_{2,})\s*", re.IGNORECASE)
RULE = re.compile(r"\s*_{20,}\s*")
FROM = re.compile(r"\s*\*?(?:from|von|de|da|van|от|发件人|寄件者|보낸 사람)\s*\*?\s*[:：]", re.IGNORECASE)
WROTE = re.compile(r"(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|schreef|пишет|написал\(?а?\)?|写道|寫道|님이 작성)\s*[:：]?\s*$|[:：]\s*$", re.IGNORECASE)
# A line above a quote may be broken over so many.
LINES = 3


def split(text: str) -> tuple[str, str]:
    """(what was written now, the older text); all of it and "" where no line can be drawn."""
    lines = text.split("\n")
    at = _marked(lines)
    at = _quoted(lines) if at is None else at
    if at is None or not any(line.strip() for line in lines[:at]):
        return text.strip("\n"), ""
    return "\n".join(lines[:at]).rstrip(), "\n".join(lines[at:]).strip("\n")


def _marked(lines: list[str]) -> int | None:
    """The first line that says that an older mail follows."""
    for number, line in enumerate(lines):
        if OLDER.fullmatch(line) or (RULE.fullmatch(line) and any(FROM.match(below) for below in lines[number + 1: number + 3])):
            return number
    return None


def _quoted(lines: list[str]) -> int | None:
    """Where the quote at the end begins, with the line above it that says whose it is."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    at = end
    while at and (lines[at - 1].startswith(">") or not lines[at - 1].strip()):
        at -= 1
    while at < end and not lines[at].strip():
        at += 1
    return _with_head(lines, at) if at < end else None


def _with_head(lines: list[str], at: int) -> int:
    above = at
    while above and not lines[above - 1].strip():
        above -= 1
    if not above or not WROTE.search(lines[above - 1]):
        return at
    start = above - 1
    while start and above - start < LINES and lines[start - 1].strip() and not re.search(r"[.!?。]$", lines[start - 1].strip()) and re.match(r"\s*(on|am|le|el|il|op|в)\b", lines[start], re.IGNORECASE) is None:
        start -= 1
    return start if re.match(r"\s*(on|am|le|el|il|op|в)\b", lines[start], re.IGNORECASE) else above - 1
