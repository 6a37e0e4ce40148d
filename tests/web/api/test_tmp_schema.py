import subprocess, os, json, sys
from tests.support.served import Served
def test_s(world, tmp_path):
    from core.parties.actions import create_account
    with world.acme.ctx("owner") as ctx:
        for n in range(3): create_account(ctx, name=f"n{n}")
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    import tests.support.served as sv
    orig=subprocess.Popen
    def popen(cmd, **k):
        if "wsgi:app" in cmd: cmd=[*cmd[:-1],"wsgi_fast:app"]; k["env"]={**k["env"],"PYTHONPATH":k["env"]["PYTHONPATH"]+":/tmp"}
        return orig(cmd, **k)
    sv.subprocess.Popen=popen
    with Served(tmp_path, workers=2, threads=4) as s:
        spec=json.loads(s.get("/api/v1/openapi.json", world.acme.host)[2]); open("/tmp/openapi.json","w").write(json.dumps(spec))
        sv.subprocess.Popen=orig
        r=subprocess.run(["/tmp/schema-venv/bin/schemathesis","run","/tmp/openapi.json","--url",f"http://127.0.0.1:{s.port}","-H",f"Host: {world.acme.host}","-H",f"Authorization: {token}","--max-examples","25","--workers","1","--no-color","--max-failures","40","--exclude-checks","positive_data_acceptance,missing_required_header","--seed","1"],capture_output=True,text=True,timeout=570)
        open("/tmp/schema.out","w").write(r.stdout+r.stderr); open("/tmp/schema.log","w").write(s.log.read_text())
