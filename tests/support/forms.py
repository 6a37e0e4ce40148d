"""What a browser would send of a form that it was given."""

import html
import re


def hidden_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to `action`, without the CSRF token."""
    form = page[page.index(f'action="{action}"'):]
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[:form.index("</form>")])
    return {name: html.unescape(value) for name, value in found if name != "_csrf"}
