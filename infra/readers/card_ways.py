"""Messengers and roles at further accounts on business cards: properties whose label or other half stands elsewhere on the card."""

import re
from urllib.parse import unquote

from infra.cards_out import SERVICES
from infra.readers.cards import Person

MESSENGERS, ROLES = "Messengers", "Roles at other accounts"  # one on each line of the cell, as our own exports write them
# What cards call a messenger, in small letters without spaces, and the scheme of its addresses -> its name.
CHATS = {name.replace(" ", "").casefold(): name for name in SERVICES.values()} | {"tg": "Telegram", "weixin": "WeChat", "kakao": "KakaoTalk", "sgnl": "Signal"}
CHAT_NAMES = {f"X-{service.upper()}": name for service, name in SERVICES.items() if service != "other"} | {"X-SKYPE-USERNAME": "Skype"}
ROLE = re.compile(r"role\d{1,3}")
ROLE_PARTS = ("ORG", "TITLE", "X-ROLE-SINCE", "X-ROLE-UNTIL")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,40}):")
CUT = re.compile(r"(?<!\\);")


class Beside:
    """Messengers and roles at further accounts of one card: whose label or other half may come later."""

    def __init__(self) -> None:
        self.chats: list[tuple[str, str, set[str], str]] = []
        self.roles: dict[str, dict[str, str]] = {}
        self.former: list[str] = []

    def take(self, name: str, group: str, params: dict[str, list[str]], text: str) -> bool:
        """Is this property one of them? Then it is kept."""
        if name == "X-FORMER-ROLE":
            organisation, title, department, since, until = ([plain(part) for part in parts_of(text)] + [""] * 5)[:5]
            self.former.append(_role_line(organisation, title, department, since, until, "former"))
        elif name in ROLE_PARTS and ROLE.fullmatch(group):
            self.roles.setdefault(group, {})[name] = text
        elif service := _service(name, params, text):
            self.chats.append((group, service, kinds_of(params), _address_of(name, plain(text))))
        else:
            return False
        return True

    def put(self, person: Person, labels: dict[str, str]) -> Person:
        """Into the person's columns."""
        for group, service, kinds, value in self.chats:
            label = re.sub(r"[():]", " ", labels.get(group) or next((kind for kind in ("work", "home") if kind in kinds), ""))
            person.join(MESSENGERS, f"{service}{f' ({label.strip()})' if label.strip() else ''}: {value}" if value else "", "\n")
        for parts in self.roles.values():
            organisation, *units = (plain(part) for part in parts_of(parts.get("ORG", "")))
            said = [organisation, plain(parts.get("TITLE", "")), ", ".join(filter(None, units)), *(plain(parts.get(name, "")) for name in ROLE_PARTS[2:])]
            person.join(ROLES, _role_line(*said), "\n")
        for line in self.former:
            person.join(ROLES, line, "\n")
        return person


def _role_line(*parts: str) -> str:
    """Account, title, department, first and last day, whether it is over; nothing without an account."""
    texts = [" ".join(part.split()).replace("\\", "\\\\").replace("|", "\\|") for part in parts]
    while texts and not texts[-1]:
        texts.pop()
    return " | ".join(texts) if texts and texts[0] else ""


def _service(name: str, params: dict[str, list[str]], text: str) -> str | None:
    """The messenger that a property names: by itself, by its parameter, by the scheme of the address; None where it is none that is known."""
    if name != "IMPP":
        return CHAT_NAMES.get(name)
    scheme = SCHEME.match(plain(text))
    said = [*params.get("SERVICE-TYPE", ()), *params.get("X-SERVICE-TYPE", ()), *([scheme[1]] if scheme else [])]
    return next((CHATS[word] for one in said if (word := one.replace(" ", "").casefold()) in CHATS), None)


def _address_of(name: str, text: str) -> str:
    """Without the scheme of an address."""
    found = unquote(SCHEME.sub("", text, count=1)) if name == "IMPP" and SCHEME.match(text) else text
    return " ".join(found.removeprefix("//").split())


def plain(text: str) -> str:
    """Without the backslashes."""
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], text.replace("\r\n", "\n"), flags=re.DOTALL).strip()


def kinds_of(params: dict[str, list[str]]) -> set[str]:
    return {kind.casefold() for kind in params.get("TYPE", ())}


def parts_of(text: str) -> list[str]:
    """The components of a value, still with their backslashes."""
    return CUT.split(text)
