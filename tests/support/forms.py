"""What a browser would send of a form that it was given."""

import html
import re


def hidden_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the forms that go to `action`, without the CSRF token."""
    forms = [part[:part.index("</form>")] for part in page.split("<form ")[1:] if f'action="{action}"' in part.partition(">")[0]]
    assert forms, f"no form to {action}"
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', "".join(forms))
    return {name: html.unescape(value) for name, value in found if name != "_csrf"}
