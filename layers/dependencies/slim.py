"""``slim.py FILE SERVICE…``: leave in botocore's table of endpoints these services only.

Every container reads the table when it makes its first client; whole, it is 1.2 MB of JSON and takes 20 ms.
"""

import json
import sys
from pathlib import Path

table, kept = Path(sys.argv[1]), set(sys.argv[2:])
endpoints = json.loads(table.read_text(encoding="utf-8"))
for partition in endpoints["partitions"]:
    partition["services"] = {name: found for name, found in partition["services"].items() if name in kept}
table.write_text(json.dumps(endpoints), encoding="utf-8")
