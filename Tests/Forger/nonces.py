"""Cards that draw the random number of an ECDSA signature badly; and what only looks like it.

usage: nonces.py FOLDER OUT RUNBOOK
Writes each folder to OUT/NUMBER, and prints a JSON list of [what, place]. RUNBOOK is not read.
"""
import json
import sys

sys.dont_write_bytecode = True
from forger import Cases, Folder, canonical

source, out, _ = sys.argv[1:]
whole = Folder(source)
root = whole.metadata("root")
ROOT = "metadata/1.root.json"
cases = Cases(out)


def case(what, place, make):
    def forged():
        folder = whole.copy().engine(3)
        make(folder, [folder.keys[keyid] for keyid in folder.sealed_by])
        return folder.finish()
    cases.add(what, place, forged)


def nothing(folder, keys):
    folder.replace("root", root, keys)


def same(folder, keys):
    keys[0].nonce = 12345
    folder.replace("root", root, keys)


def itself(folder, keys):
    keys[0].nonce = keys[0].private.private_numbers().private_value
    folder.replace("root", root, keys)
    keys[0].nonce = None


def twice(folder, keys):
    keys[0].nonce = 12345
    folder.replace("root", root, keys)
    folder.insert(folder.exchange(keys[0], canonical(root).encode()), folder.first("payload"))
    keys[0].nonce = None


def of_two(folder, keys):
    keys[0].nonce = 12345
    folder.replace("root", root, keys)
    keys[0].nonce, keys[1].nonce = None, 12345


def unrecorded(folder, keys):
    """The second signature was refused, and its answer is in the records all the same."""
    keys[0].nonce = 12345
    folder.replace("root", root, keys)
    folder.insert(folder.exchange(keys[0], b"refused"), folder.first("payload"))
    keys[0].nonce = None


case("signed again, well", "", nothing)
case("root and seal with one number", ROOT, same)
case("the private key as number", ROOT, itself)
case("one number twice over the same bytes", "", twice)
case("one number of two cards", "", of_two)
case("an answer that was not accepted", ROOT, unrecorded)
print(json.dumps(cases))
