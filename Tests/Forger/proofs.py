"""Proofs of new keys, signed anew by the cards that hold them, and what both verifiers say of each.

usage: proofs.py FOLDER OUT RUNBOOK
Writes each folder to OUT/NUMBER, and prints a JSON list of [what, place]. RUNBOOK is not read. The folder's officials have
cards, and sign no initials: those would name what came before them, too.
"""
import json
import sys

sys.dont_write_bytecode = True
from forger import Cases, Folder

source, out, _ = sys.argv[1:]
whole = Folder(source)
ROOT, PROOF = "metadata/1.root.json", "transcript.jsonl record "
is_ed25519 = whole.metadata("root")["keys"][whole.sealed_by[0]]["keytype"] == "ed25519"
cases = Cases(out)


def case(what, place, make):
    def forged():
        folder = whole.copy()
        make(folder)
        return folder.finish()
    cases.add(what, place, forged)


def proofs(folder, *people):
    return [r["body"] for r in folder.transcript if r["kind"] == "proof" and r["body"]["person"] in people]


def changed(whose, **members):
    """The proof of somebody's key states something else, and is signed."""
    def make(folder):
        for body in proofs(folder, whose):
            body.update((name, value(body[name])) for name, value in members.items())
    return make


def without(person, version=None):
    def make(folder):
        def is_left(record):
            body = record["body"]
            is_signature = record["kind"] == "signature" and (body["role"], body["keyholder"]) == ("proof", person)
            return not is_signature and not (record["kind"] == "proof" and body["person"] == person)
        folder.transcript = [record for record in folder.transcript if is_left(record)]
        if version:
            earlier(folder.engine(version))
    return make


def earlier(folder):
    """Before engine version 5 officials signed as little as they like."""
    for body in proofs(folder, "administrator", "witness"):
        body["pad"] = ""


def left_out(person, change=lambda folder: None):
    """Somebody's card gave its proof, and nothing of it was kept."""
    def make(folder):
        home = next(path.rpartition("/")[0] + "/" for path in folder.files if path.endswith(f"/{person}_pubkey.pem"))
        folder.files = {path: data for path, data in folder.files.items() if not path.startswith(home)}
        folder.transcript = [r for r in folder.transcript if not str(r["body"].get("path")).startswith(home)]
        change(folder)
    return make


case("signed again", "", lambda folder: None)
for person in ("ada", "boris", "administrator", "witness"):
    case(f"{person}: a zero more", PROOF, changed(person, pad=lambda pad: pad + "0"))
    case(f"{person}: a hundred more", PROOF, changed(person, pad=lambda pad: pad + "0" * 100))
    if is_ed25519:
        case(f"{person}: a zero less", PROOF, changed(person, pad=lambda pad: pad[1:]))
        case(f"{person}: no zeros", PROOF, changed(person, pad=lambda pad: ""))
    case(f"{person}: another slot", PROOF, changed(person, slot=lambda slot: "9e"))
    case(f"{person}: another's", PROOF, changed(person, person=lambda name: "boris" if name == "ada" else "ada"))
    case(f"{person}: no proof", ROOT if person in ("ada", "boris") else "cards", without(person))
for person in ("administrator", "witness"):
    case(f"{person}: left out after the proof", "", left_out(person))
    case(f"{person}: left out, and a zero more", PROOF, left_out(person, changed(person, pad=lambda pad: pad + "0")))
    case(f"{person}: no proof, of an earlier engine", "", without(person, 4))
case("zeros of officials, of an earlier engine", PROOF if is_ed25519 else "", lambda folder: folder.engine(4))
case("no zeros of officials, of an earlier engine", "", lambda folder: earlier(folder.engine(4)))
print(json.dumps(cases))
