"""Mail addresses as the isemail suite judges them; where we differ it is said here once."""

import xml.etree.ElementTree as ET

import pytest

from core.base.errors import Refused
from core.parties import rules

# Legal, and nobody's: a mail box right below a top level domain.
NOT_TAKEN = {"test@io"}


def cases(data, category):
    """Addresses of a category, with the control characters that the file writes as symbols."""
    for case in ET.parse(data / "email-address-isemail" / "tests.xml").getroot().iter("test"):  # noqa: S314 (a file of ours)
        address = "".join(chr(ord(c) - 0x2400) if 0x2400 <= ord(c) <= 0x241F else c for c in case.findtext("address") or "")
        if case.findtext("category") == category:
            yield address


def test_valid_ones_are_taken(data):
    found = list(cases(data, "ISEMAIL_VALID_CATEGORY"))
    assert len(found) == 14
    for address in set(found) - NOT_TAKEN:
        assert rules.mail(address, "mail")


def test_wrong_ones_are_refused(data):
    """Line ends and spaces around an address are typed or pasted with it, and go; what is left must be one."""
    found = list(cases(data, "ISEMAIL_ERR"))
    assert len(found) == 66
    wrong = []
    for address in found:
        if address.strip() == "test@iana.org":
            assert rules.mail(address, "mail") == "test@iana.org"
            continue
        try:
            if rules.mail(address, "mail"):
                wrong.append(address)
        except Refused:
            pass
    assert wrong == []


@pytest.mark.parametrize("address", sorted(NOT_TAKEN))
def test_where_we_differ(address):
    with pytest.raises(Refused):
        rules.mail(address, "mail")
