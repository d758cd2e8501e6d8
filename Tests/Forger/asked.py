"""Requests for other metadata than a root: engine versions before 9 wrote them, and nobody could answer.

usage: asked.py FOLDER OUT RUNBOOK
FOLDER is of a ceremony in which Boris, with keys of root and targets, may sign later. Writes each folder to OUT/NUMBER, and
prints a JSON list of [what, place]; place is "" where the folder holds.
"""
import base64
import json
import sys

sys.dont_write_bytecode = True
from forger import Cases, Folder, canonical

source, out, runbook = sys.argv[1:]
sys.path.insert(0, runbook)
from verify_transcript import in_words

ROOT, TARGETS = "requests/root.boris.json", "requests/targets.boris.json"
whole, cases = Folder(source), Cases(out, 1)
assert ROOT in whole.files and TARGETS not in whole.files


def case(what, place, *makes):
    def forged():
        folder = whole.copy()
        for make in makes:
            make(folder)
        return folder.finish()
    cases.add(what, place, forged)


def before(folder):
    """Said to be of the engine before, whose request for the root says so."""
    folder.engine(8)
    folder.files[ROOT] = canonical({**json.loads(folder.files[ROOT]), "engine": 8, "release": "0.8.0"}).encode()


def asking(folder):
    """Boris is asked for targets, as he is for the root."""
    message = canonical(folder.metadata("targets")).encode()
    keyids = folder.metadata("root")["roles"]["targets"]["keyids"]
    keyid = next(keyid for keyid in keyids if folder.owners[keyid] == "boris")
    request = json.loads(folder.files[ROOT])
    request.update(payload=base64.b64encode(message).decode(), digest=in_words(message))
    request["for"][0].update(keyid=keyid, slot="9a")
    folder.files[TARGETS] = data = canonical(request).encode()
    place = folder.first("write", path=ROOT) + 1
    folder.insert([("write", {"path": TARGETS, "bytes": len(data), "sha256": ""})], place)


case("nothing is forged", "")
case("a request for targets", TARGETS, asking)
case("an engine that asked for targets, and no such request", TARGETS, before)
case("an engine that asked for targets, and did", "", before, asking)
print(json.dumps(cases))
