"""The page and the API of who uses the workspace."""


def test_an_administrator_sees_roles_and_people_a_manager_roles_alone_and_a_rep_nothing(world):
    page = world.browser("owner").get("/settings/adoption/").text
    assert 'id="by-role"' in page and 'id="by-person"' in page and "Rep" in page
    page = world.browser("manager").get("/settings/adoption/").text
    assert 'id="by-role"' in page and 'id="by-person"' not in page and "not shown" in page
    assert world.browser("rep").get("/settings/adoption/").status_code == 403


def test_programs_read_the_same(world):
    api = world.api("owner")
    assert {one["name"] for one in api.get("/api/v1/adoption/people").json["data"]} >= {"Owner", "Rep"}
    roles = world.api("manager").get("/api/v1/adoption/roles").json
    assert roles["next_cursor"] is None and {"score", "active_days", "written", "next_step"} <= set(roles["data"][0])
    assert world.api("manager").get("/api/v1/adoption/people").status_code == 403 and world.api("rep").get("/api/v1/adoption/roles").status_code == 403
