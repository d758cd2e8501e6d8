"""Forgeries of first roots that wait, each with the place that both verifiers must name.

usage: first_roots.py FOLDER OUT RUNBOOK KIND PENDING ENROLMENT
KIND says which folder is forged: `pending`, the ceremony whose root waits; `collecting`, the one that finished it; or
`withdrawing`, one that made another in its place. The forger has all cards, Fred's from the folder ENROLMENT. Writes each
folder to OUT/NUMBER, and prints a JSON list of [what, place]; place is "" where the folder holds.
"""
import json
import sys

sys.dont_write_bytecode = True
from forger import Cases, Folder, canonical, printed, sha256

source, out, _, kind, pending, enrolment = sys.argv[1:]
WAITED, PENDING, ROOT, SEAL = "inputs/previous.root.json", "pending/1.root.json", "metadata/1.root.json", "seal.dsse.json"
SCRIPT, BEGIN, ASKED = "script.yaml", "transcript.jsonl record 0", "requests/root.boris.json"
MARK = "x-tuf-ceremony-rehearsal"
root = json.loads(Folder(pending).files[PENDING])["signed"]
ADA, BORIS, FRED = root["roles"]["root"]["keyids"]
whole, cases = Folder(source), Cases(out)
for path in (pending, enrolment):
    whole.keys.update({key.id: key for key in Folder(path).keys.values()})
whole.owners.update({ADA: "ada", BORIS: "boris", FRED: "fred"})
whole.sealed_by = [entry["keyid"] for entry in json.loads(whole.files[SEAL])["signatures"]]
whole.baseline = {"keys": {}}


def case(what, place, *makes):
    def forged():
        folder, done = whole.copy(), None
        for make in makes:
            done = make(folder)
        return done or folder.finish()
    cases.add(what, place, forged)


def body(folder, name, **members):
    return folder.transcript[folder.first(name, **members)]["body"]


def begin(**members):
    return lambda folder: body(folder, "begin")["after"].update(members)


def closed_as(ending):
    return lambda folder: folder.transcript[-1]["body"].update(ending=ending)


def moved(path, to):
    def make(folder):
        folder.files[to] = folder.files.pop(path)
        body(folder, "write", path=path)["path"] = to
    return make


def scripted(*changes):
    def make(folder):
        for old, new in changes:
            assert old in folder.text, old
            folder.script(lambda text: text.replace(old, new, 1))
    return make


def signed_by(*ids, **members):
    """What is built, signed and written has these signatures."""
    return lambda folder: folder.replace("root", {**root, **members}, [folder.keys[keyid] for keyid in ids]) and None


def signatures(path, change):
    def make(folder):
        file = json.loads(folder.files[path])
        entries = {entry["keyid"]: entry for entry in file["signatures"]}
        change(folder, entries)
        folder.files[path] = printed({**file, "signatures": [entries[keyid] for keyid in sorted(entries)]})
    return make


def signature_of(folder, keyid, signed=root):
    return {"keyid": keyid, "sig": folder.keys[keyid].sign(canonical(signed).encode()).hex()}


def adding(keyid, by=None):
    return lambda folder, entries: entries.update({keyid: {**signature_of(folder, by or keyid), "keyid": keyid}})


def unrecorded(keyid):
    def make(folder):
        folder.transcript = [
            record for record in folder.transcript if record["kind"] != "signature"
            or (record["body"]["role"], record["body"]["keyid"]) != ("root", keyid)]
    return make


def waited(change, signed=root):
    """Another file waited, which record 0 names."""
    def make(folder):
        file = {"signatures": [signature_of(folder, ADA, signed)], "signed": signed}
        change(folder, file)
        folder.files[WAITED] = data = printed(file)
        body(folder, "begin")["after"]["root"] = sha256(data)
        body(folder, "read", path=WAITED).update(sha256=sha256(data), bytes=len(data))
    return make


def another(**members):
    """Another root waited, which the script names, and it is what is signed here."""
    signed = {**root, **members}
    signed = {name: value for name, value in signed.items() if value is not None}
    payload = sha256(canonical(signed).encode())
    def make(folder):
        waited(lambda *_: None, signed)(folder)
        body(folder, "begin")["after"]["open"] = [payload]
        folder.script(lambda text: text.replace(sha256(canonical(root).encode()), payload))
        folder.replace("root", signed, [folder.keys[keyid] for keyid in (ADA, FRED)])
    return make


def role(**members):
    return {"roles": {**root["roles"], "root": {**root["roles"]["root"], **members}}}


def request(**members):
    def make(folder):
        folder.files[ASKED] = canonical({**json.loads(folder.files[ASKED]), **members}).encode()
    return make


case("written anew, and nothing forged", "")
case("said to be of engine 8", SCRIPT, lambda folder: folder.engine(8) and None)

if kind == "pending":
    case("called complete", "pending", closed_as("complete"))
    case("called complete, and its root finished", ROOT, closed_as("complete"), moved(PENDING, ROOT))
    case("a root that waits among the finished ones", "pending", moved(PENDING, ROOT))
    case("the script lets nobody sign later", PENDING, scripted(
        ("boris: {name: Boris, card: record, absent: pending}", "boris: {name: Boris, card: record}"),
        ("name: Fred, card: record, absent: pending", "name: Fred, card: record")))
    case("enough signatures, and it waits", PENDING, signed_by(ADA, BORIS))
    case("nobody signed, and those who may sign later reach it", "", signed_by())
    case("a signature that no card made", PENDING, signatures(PENDING, adding(FRED)))
    case("a signature of a stranger", PENDING, signatures(PENDING, adding("f" * 64, ADA)))
    case("a signature without a record", PENDING, unrecorded(ADA))
    case("another root than the script's", PENDING, signed_by(ADA, expires="2030-01-02T00:00:00Z"))
    case("sealed by nobody", SEAL, lambda folder: folder.finish([]))
    case("a request for another signer", ASKED, request(**{"for": [
        {"id": "boris", "keyid": ADA, "name": "Boris", "slot": "9c"}]}))
    case("a request with another title", ASKED, request(title="Another title"))
    case("a request that has a root before", ASKED, request(trusted="e30="))
    case("a request with another deadline", ASKED, request(deadline="2030-01-02T00:00:00Z"))
    case("a request with another nonce", ASKED, request(nonce="0" * 32))

if kind == "collecting":
    case("called pending", "pending", closed_as("pending"))
    case("called pending, and its root not finished", PENDING, closed_as("pending"), moved(ROOT, PENDING))
    case("sealed by nobody here", SEAL, lambda folder: folder.finish([]))
    case("sealed by too few", SEAL, scripted(("seal: 1", "seal: 3")))
    case("a signature that stood under the root that waited is gone", ROOT,
         signatures(ROOT, lambda folder, entries: entries.pop(ADA)), unrecorded(ADA))
    case("a signature of a stranger", ROOT, signatures(ROOT, adding("f" * 64, ADA)))
    case("a signature that came from nowhere", ROOT, signatures(ROOT, adding(BORIS)))
    case("too few signatures", ROOT, signatures(ROOT, lambda folder, entries: entries.pop(FRED)), unrecorded(FRED))
    case("another root than the one that waited", ROOT, signed_by(ADA, FRED, **{"x-note": "-"}))
    case("a stranger signed what waited", ROOT, waited(
        lambda folder, file: file["signatures"].append({**signature_of(folder, ADA), "keyid": "f" * 64})))
    case("a signature on what waited does not hold", ROOT,
         waited(lambda folder, file: file["signatures"][0].update(sig="00" * 64)))
    case("another root waited than the script names", SCRIPT, waited(lambda *_: None, {**root, "x-note": "-"}))
    case("a root waited that had expired", WAITED, another(expires="2020-01-01T00:00:00Z"))
    case("a root waited of version 2", WAITED, another(version=2))
    case("a root waited without the mark of a rehearsal", WAITED, another(**{MARK: None}))
    case("a root waited with other keys than the script's", SCRIPT, another(**role(keyids=[ADA, BORIS])))
    case("a root waited with another threshold than the script's", SCRIPT, another(**role(threshold=1)))
    case("record 0 names another head than the script", BEGIN, begin(head="0" * 64))
    case("record 0 names no ceremony", None, lambda folder: body(folder, "begin").pop("after") and None)
    case("record 0 names no requests", "inputs/answers/", lambda folder: body(folder, "begin")["after"].pop("requests") and None)
    case("record 0 says that nothing was left open", BEGIN, begin(open=[]))
    case("record 0 says that more was left open", SCRIPT, lambda folder: body(folder, "begin")["after"]["open"].append("f" * 64))
    for what, old, new in [
            ("names another payload", "payload: ", "payload: " + "0" * 64 + " #"),
            ("names another threshold", "threshold: 2", "threshold: 3"),
            ("names other keyholders of root", "[ada, boris, fred]", "[boris, ada, fred]"),
            ("names a root before by its digest", "\n  pending:", "\n  root: " + "0" * 64 + "\n  head: " + "0" * 64 + "\n  pending:"),
            ("names a root before by its file", "\n  pending:",
             "\n  root: {file: 0.root.json, sha256: " + "0" * 64 + "}\n  pending:"),
            ("names a head beside it", "\n  pending:", "\n  head: " + "0" * 64 + "\n  pending:"),
            ("lets somebody leave", "\nroles:", '\nleaving:\n  "01234567": {reason: lost}\n\nroles:'),
            ("has somebody without a key", "\nkeyholders:\n", "\nkeyholders:\n  eve: {name: Eve, card: record}\n"),
            ("withdraws what it finishes", "seal: 1", "seal: 1\nwithdrawn: [" + sha256(canonical(root).encode()) + "]"),
            ("builds a root", "  - id: collect-root", "  - {id: build, do: build, role: root}\n  - id: collect-root")]:
        place = "inputs/0.root.json" if "by its file" in what else SCRIPT
        case(f"a script that {what}", place, scripted((old, new)))

if kind == "withdrawing":
    said = body(whole, "exception")["what"]
    for old, new in [("has signed", "has never signed"), ("1 more", "7 more"), ("Nothing recalls", "We recall")]:
        assert old in said, said
        case(f"“{new}” in the words of what is withdrawn", "transcript.jsonl",
             lambda folder: body(folder, "exception").update(what=said.replace(old, new)))
    case("nothing was left open", "transcript.jsonl", begin(open=[]))
    case("more was left open than is withdrawn", SCRIPT,
         lambda folder: body(folder, "begin")["after"]["open"].append("f" * 64))
    case("another payload is withdrawn", WAITED, scripted((sha256(canonical(root).encode()), "0" * 64)))
    case("somebody else signed what waited", WAITED, waited(lambda folder, file: file["signatures"].append(
        {"keyid": "f" * 64, "sig": "00" * 64})))
    case("a signature on what waited does not hold", WAITED,
         waited(lambda folder, file: file["signatures"][0].update(sig="00" * 64)))
    case("another root waited", WAITED, waited(lambda *_: None, {**root, "version": 2}))

print(json.dumps(cases))
