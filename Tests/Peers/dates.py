"""What many CI jobs do today: parses every metadata file of a folder and compares its expiry; verifies nothing."""
import datetime
import json
import pathlib
import sys

folder, at = sys.argv[1:]
at = datetime.datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ")
expired = broken = 0
for path in sorted(pathlib.Path(folder).rglob("*.json")):
    try:
        expires = json.loads(path.read_bytes())["signed"]["expires"]
        expired += datetime.datetime.strptime(expires, "%Y-%m-%dT%H:%M:%SZ") <= at
    except (ValueError, KeyError):
        broken += 1
print(expired, "expired", broken, "broken")
