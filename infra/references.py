"""Payment references on paper and in banks: ISO 11649 (RF) and the EPC QR code (EPC069-12)."""

import io
import re
from decimal import Decimal

import segno


def rf_reference(text: str) -> str:
    """RF creditor reference of up to 21 letters and digits, with its two check digits (ISO 7064 mod 97-10)."""
    body = re.sub(r"[^0-9A-Z]", "", text.upper())
    if not 1 <= len(body) <= 21:
        raise ValueError(f"not a base of an RF reference: {text!r}")
    return f"RF{98 - _mod97(body + 'RF00'):02d}{body}"


def is_rf_reference(text: str) -> bool:
    """Is it a reference whose check digits are right? Blanks are allowed."""
    plain = re.sub(r"\s", "", text).upper()
    return bool(re.fullmatch(r"RF\d{2}[0-9A-Z]{1,21}", plain, re.ASCII)) and _mod97(plain[4:] + plain[:4]) == 1


def in_fours(text: str) -> str:
    """As printed: groups of four."""
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def epc_text(*, name: str, iban: str, bic: str, amount: Decimal, reference: str) -> str | None:
    """The text of an EPC QR code for a transfer in euro; None where the amount is beyond what it can say."""
    if not Decimal("0.01") <= amount <= Decimal("999999999.99"):
        return None
    one_line = re.sub(r"[\r\n]+", " ", name)[:70]
    return "\n".join(("BCD", "002", "1", "SCT", bic, one_line, iban, f"EUR{amount:.2f}", "", reference, ""))


def qr_svg(text: str) -> str:
    """A QR code as SVG (error correction M, as EPC069-12 asks)."""
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False, boost_error=False).save(buffer, kind="svg", xmldecl=False, scale=4, border=2)
    return buffer.getvalue().decode()


def qr_data_uri(text: str) -> str:
    """The same for an <img>: a data: address, which our content policy allows for images."""
    return segno.make(text, error="m", micro=False, boost_error=False).svg_data_uri(scale=4, border=2, dark="#000", light="#fff")


def _mod97(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text)) % 97
