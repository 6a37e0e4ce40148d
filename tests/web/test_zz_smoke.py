import pytest
from uuid import uuid4
from core.custom_fields import actions as d
def test_smoke(world):
    b = world.browser("owner")
    assert b.get("/settings/fields/").status_code == 200
    assert b.get("/settings/fields/new").status_code == 200
    r = b.post("/settings/fields/", {"room":"accounts","kind":"choice","label":"Status <b>x</b>","opt-0-label":"Active","opt-0-key":"","opt-0-place":"1","opt-0-colour":"green","opt-1-label":"Lost","opt-1-place":"2","opt-1-colour":"red","when_op":"eq", "in_list": "y"})
    assert r.status_code == 303, r.text[-3000:]
    r = b.post("/settings/fields/", {"room":"accounts","kind":"date","label":"Since","when_field":"custom.status_b_x_b","when_op":"eq","when_value":"Active","is_required":"y"})
    assert r.status_code == 303, r.text[-3000:]
    for k in ("text","long_text","whole","decimal","amount","moment","yes_no","choices","mail","phone","link","user","account","contact"):
        r = b.post("/settings/fields/", {"room":"accounts","kind":k,"label":"L "+k,"when_op":"eq","opt-0-label":"One","opt-0-key":"", "section":"Sec" if k > "l" else ""})
        assert r.status_code == 303, r.text[-3000:]
    t = b.get("/settings/fields/").text
    assert "&lt;b&gt;" in t and "<b>x" not in t
    r = b.get("/accounts/new"); assert r.status_code == 200 and "data-when" in r.text and "<b>x" not in r.text
    r = b.post("/accounts", {"name":"Acme","custom.status_b_x_b":"active"}); assert r.status_code == 422
    r = b.post("/accounts", {"name":"Acme","custom.status_b_x_b":"active","custom.since":"2026-01-02","custom.l_amount":"12.5 USD","custom.l_moment":"2026-05-05T10:00","custom.l_choices":["one"],"custom.l_yes_no":"y","custom.l_whole":"7","custom.l_link":"a.example"}); assert r.status_code == 303, r.text
    url = r.headers["Location"]
    t = b.get(url).text
    assert "<b>x" not in t and "12.50 USD" in t.replace("12.5 USD","12.50 USD"), t
    t = b.get(url+"/edit"); assert t.status_code==200, t.text
    import re
    form = dict(re.findall(r'name="(_was_[^"]+|_version)" value="([^"]*)"', t.text))
    print(form)
    r = b.post(url, form | {"name":"Acme","custom.l_text":"Hello", "custom.l_yes_no":"y"} | {k.removeprefix("_was_"): v for k,v in form.items() if k.startswith("_was_custom") and v and k not in ("_was_custom.l_yes_no",)}); assert r.status_code==303, r.text
    r = b.post(url+"/fields", {"custom.l_decimal":"1.25"}); assert r.status_code==303
    t = b.get(url+"/history").text; assert "L text" in t and "Hello" in t
    t = b.get(url).text; assert "L decimal" in t
    for q in ("columns=custom.status_b_x_b,custom.since,custom.l_amount,custom.l_account,custom.l_user", "sort=custom.since&view=all", "add=custom.status_b_x_b&op=eq&value=Active", "filter[custom.l_whole][gt]=3"):
        r = b.get("/accounts?"+q, follow_redirects=True); assert r.status_code==200 and "Acme" in r.text and "<b>x" not in r.text, q
    assert b.get("/settings/roles/").status_code == 200
    api = world.api("owner")
    from web.api import shell
    r = api.get("/api/v1/accounts?filter[custom.l_whole][eq]=7&sort=custom.since"); assert r.status_code == 200 and len(r.json["data"])==1, r.json
    print(r.json)
    rec = r.json["data"][0]
    r = api.json("PATCH", "/api/v1/accounts/"+rec["id"], {"custom":{"l_text":"api","l_whole":None}}, headers={"If-Match": '"%d"' % rec["version"]}); assert r.status_code==200, r.json
    assert r.json["custom"]["l_text"]=="api" and r.json["custom"]["l_whole"] is None and r.json["custom"]["l_decimal"]=="1.25"
    r = api.get("/api/v1/custom-fields"); assert r.status_code==200 and len(r.json["data"])==16
    f = r.json["data"][0]
    r = api.json("PATCH", "/api/v1/custom-fields/"+f["id"], {"help":"What"}, headers={"If-Match": '"%d"' % f["version"]}); assert r.status_code==200, r.json
    r = b.get("/settings/fields/"+f["id"]); assert r.status_code==200, r.text[-2000:]
    form = dict(re.findall(r'name="(_was_[^"]+|_version)" value="([^"]*)"', r.text)); print(form)
    r = b.post("/settings/fields/"+f["id"], form | {"kind": f["kind"], "label":"Status","help":"Now","opt-0-key":"lost","opt-0-label":"Lost it","opt-0-colour":"red","opt-1-key":"active","opt-1-label":"Active","opt-1-colour":"green", "in_list":"y", "when_op":"eq"}); assert r.status_code==303, r.text[-3000:]
    r = api.get("/api/v1/custom-fields/"+f["id"]).json; assert r["label"]=="Status" and [o["key"] for o in r["options"]]==["lost","active"], r
