"""A page that says no belongs to the workspace and leads back."""

import pytest

MISSING = "/accounts/00000000-0000-7000-8000-000000000000"


def test_it_names_the_workspace_and_says_what_is_wrong_in_its_title(world):
    page = world.browser("rep").get(MISSING)
    assert page.status_code == 404 and world.acme.tenant.name in page.text
    assert "<title>This does not exist, or you have no access to it." in page.text and "not_found" not in page.text.partition("</title>")[0]


@pytest.mark.parametrize(("came", "back"), [
    ("http://{host}/contacts?q=a&sort=name", "/contacts?q=a&amp;sort=name"), ("http://{host}/", None), ("http://evil.example/contacts", None), ("http://{host}.evil.example/contacts", None),
    ("http://{host}//evil.example/x", None), ("javascript:alert(1)", None), ("", None), ("http://{host}" + MISSING, None),
])
def test_it_leads_back_to_where_one_came_from_and_nowhere_else(world, came, back):
    page = world.browser("rep").get(MISSING, headers={"Referer": came.format(host=world.acme.host)})
    assert (f'href="{back}"' in page.text) is (back is not None)
    assert ("> Back<" in page.text or "Back</a>" in page.text) is (back is not None) and 'href="/"' in page.text and "evil" not in page.text
