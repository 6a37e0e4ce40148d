"""The short way for plain addresses gives what the cleaner gives, or nothing."""

from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import Refused
from core.identity.rules import plain_mail
from core.parties import rules

PARTS = st.text("abz09.-_+@xn", max_size=14)
ENDS = st.sampled_from([".com", ".de", ".test", ".local", ".localhost", ".invalid", ".example", ".arpa", ".onion", ".c", ".1", "", ".co.uk", ".xn--p1ai"])


@given(st.builds(lambda a, b, end: f"{a}@{b}{end}", PARTS, PARTS, ENDS))
def test_it_never_says_other_than_the_cleaner(address):
    short = plain_mail(address)
    if short is not None:
        assert rules.mail(address, "mail") == short


def test_most_addresses_of_a_list_go_the_short_way():
    for address in ("office7@company7.example.com", "ana.ruiz@optica-sol.es", "info@meier.de", "first.last+tag@mail.example.org"):
        assert plain_mail(address) == address == rules.mail(address, "mail")


def test_real_addresses_are_judged_alike(data):
    found = 0
    for file in (data / "email-address-isemail").glob("*"):
        for line in file.read_text(errors="replace").splitlines():
            for word in line.replace("<address>", " ").replace("</address>", " ").split():
                short = plain_mail(word)
                if short is not None:
                    found += 1
                    try:
                        assert rules.mail(word, "mail") == short
                    except Refused as refusal:
                        raise AssertionError(f"{word} is refused by the cleaner") from refusal
    assert found > 0
