"""Forgeries of the officials' keys in a folder of a ceremony that went on from a root.

usage: rotation_officials.py FOLDER OUT RUNBOOK
Writes each folder to OUT/NUMBER, and prints a JSON list of [what, place]; place is "" where the folder holds. RUNBOOK is
not read. The people are those of rotations.py, and administrator and witness have cards.
"""
import json
import sys

sys.dont_write_bytecode = True
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from forger import CardKey, Cases, Folder, canonical, printed, sha256, tlv

source, out, _ = sys.argv[1:]
whole = Folder(source)
INPUT, RECORD = "inputs/1.root.json", "transcript.jsonl record "
old = json.loads(whole.files[INPUT])["signed"]
whole.keep(old)
WITNESS = next(path for path in whole.files if path.endswith("/witness_pubkey.pem"))
cases = Cases(out)


def case(what, place, make):
    def forged():
        folder = whole.copy()
        make(folder)
        return folder.finish()
    cases.add(what, place, forged)


def is_by(key):
    """The card of the witness is said to have made a key that somebody else has."""
    def make(folder):
        own = next(keyid for keyid, who in folder.owners.items() if who == "witness" and keyid in folder.keys)
        old = folder.keys[own]
        for record in folder.transcript + folder.sealing:
            body = record["body"]
            if body.get("data", "").endswith(old.public.hex()):
                body["data"] = tlv("7f49", tlv("86", key.public)).hex()
            if body.get("keyid") == own:
                body["keyid"] = key.id
        folder.owners[key.id] = "witness"
        pem = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        folder.files[WITNESS] = pem
    return make


case("written anew, and nothing forged", "", lambda folder: None)
case("the witness has the key of somebody who leaves", RECORD, is_by(whole.of("chandra")[0]))
case("the witness has a key of targets of the root before", RECORD, is_by(whole.of("ada", role="targets")[0]))


def idle(folder):
    """The root before has one more key, which no role names, and which the witness has."""
    key = CardKey()
    folder.keys[key.id] = key
    signed, was = {**old, "keys": {**old["keys"], key.id: key.object}}, sha256(folder.files[INPUT])
    message = canonical(signed).encode()
    data = printed({"signed": signed, "signatures": [
        {"keyid": one.id, "sig": one.sign(message).hex()} for one in folder.of("ada", "boris", "chandra")]})
    folder.files[INPUT] = folder.files["inputs/previous.root.json"] = data
    folder.script(lambda text: text.replace(was, sha256(data)))
    folder.transcript[0]["body"]["after"]["root"] = sha256(data)
    is_by(key)(folder)


case("the witness has a key of the root before that no role names", WITNESS, idle)
print(json.dumps(cases))
