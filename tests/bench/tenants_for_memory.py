"""`python -m tests.bench.tenants_for_memory NUMBER` in a running stack's environment: makes tenants with an owner who is
signed in, and prints their hosts and cookies as JSON."""

import json
import sys
from uuid import uuid4

from core.identity import actions
from tenants import entry, provisioning
from tests.support.world import House
from web import door

provisioning.fill_pool(int(sys.argv[1]))
made = []
for _ in range(int(sys.argv[1])):
    house = House(f"memory-{uuid4().hex[:10]}", {"owner": "admin"})
    with entry.enter(house.tenant) as session:
        token, _row = actions.open_session(session, house.users["owner"], now=entry.utcnow(), ip="127.0.0.1", agent="bench")
    made.append({"host": house.host, "cookie": f"{door.cookie_name()}={token}"})
sys.stdout.write(json.dumps(made))
