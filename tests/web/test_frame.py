"""The kept part of the frame: shared by those with the same language and navigation, and by nobody else."""

import re

from web import frame


def kept_part(answer) -> str:
    begins = answer.text.index('<dialog class="pal"')
    return answer.text[begins : answer.text.index("</script>", answer.text.index('id="words"', begins))]


def test_two_people_with_the_same_rights_share_it_and_others_do_not(world):
    owner, rep, colleague = (kept_part(world.browser(who).get("/accounts")) for who in ("owner", "rep", "colleague"))
    assert rep == colleague != owner
    assert "/mailings" in owner and "/mailings" not in rep


def test_it_holds_nothing_of_a_person_and_no_secret(world):
    world.browser("owner").get("/accounts")
    for text in frame._kept.values():
        assert not re.search(r"nonce=|_csrf|csrf|Owner|acme", text)


def test_it_speaks_the_readers_language(world):
    browser = world.browser("manager")
    english = kept_part(browser.get("/accounts"))
    browser.post("/settings/profile", {"name": "Manager", "locale": "ru", "timezone": "UTC"})
    assert kept_part(browser.get("/accounts")) != english
