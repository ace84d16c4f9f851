"""What was settled is in the ledger, and in a document's evidence, with every policy enforced."""

import io
import json
import time
import zipfile

from tests.documents import invoice
from tests.e2e.conftest import World


def test_the_ledger_is_extended_with_every_policy_enforced(strict_world: World):
    world = strict_world
    _, bearer = world.enrol()
    with world.client(bearer) as api:
        posted = api.post("/documentos", json=invoice(referencia="LEDGER-1")).json()["data"]
        own = f"/documentos/{posted['tracking_id']}"
        deadline = time.monotonic() + 40
        while api.get(own).json()["estado"] != "aceptado" and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(11)  # readers of news hold back ten seconds
        assert world.stack.run_schedule("ledger")["entries"] >= 1
        with zipfile.ZipFile(io.BytesIO(api.get(f"{own}/evidencia").content)) as files:
            (proof,) = json.loads(files.read("cadena.json"))
        assert api.get(f"{own}/paquete").status_code == 200

    assert proof["entrada"]["hechos"]["tracking_id"] == posted["tracking_id"]
