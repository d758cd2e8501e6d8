"""Forgeries of a folder of a ceremony that went on from a root, each with the place that both verifiers must name.

usage: rotations.py FOLDER OUT RUNBOOK
Writes each folder to OUT/NUMBER, and prints a JSON list of [what, place]; place is "" where the folder holds. RUNBOOK is
not read. In the folder Ada and Boris keep a key of root and of targets each and prove them, Edna keeps one unproven,
Chandra leaves and signs, Dora joins, and targets is signed again; every threshold is 2.
"""
import json
import re
import sys

sys.dont_write_bytecode = True
from forger import CardKey, Cases, Folder, canonical, printed, sha256

source, out, _ = sys.argv[1:]
whole = Folder(source)
INPUT, INPUT_TARGETS, SCRIPT = "inputs/1.root.json", "inputs/1.targets.json", "script.yaml"
ROOT, TARGETS, SEAL, BEGIN = "metadata/2.root.json", "metadata/2.targets.json", "seal.dsse.json", "transcript.jsonl record 0"
RECORD = "transcript.jsonl record "
old = json.loads(whole.files[INPUT])["signed"]
old_targets = json.loads(whole.files[INPUT_TARGETS])["signed"]
whole.keep(old)
root, targets = whole.metadata("root"), whole.metadata("targets")
ADA, BORIS, CHANDRA, DORA, EDNA = (whole.of(who)[0].id for who in ("ada", "boris", "chandra", "dora", "edna"))
MARK = "x-tuf-ceremony-rehearsal"
KIND = whole.of("ada")[0].algorithm
cases = Cases(out)


def case(what, place, make):
    def forged():
        folder = whole.copy()
        return make(folder) or folder.finish()
    cases.add(what, place, forged)


def changed(signed, **members):
    return {**json.loads(json.dumps(signed)), **members}


def without(signed, *names):
    return {name: value for name, value in changed(signed).items() if name not in names}


def roles(signed, **members):
    return {name: {**role, **members.get(name, {})} for name, role in signed["roles"].items()}


def renamed(value, before, after):
    """Another name for something wherever it stands."""
    return json.loads(json.dumps(value).replace(before, after))


def signing(*people, signed=None, role="root"):
    """Signed by these people's keys of a role alone."""
    return lambda folder: folder.replace(
        role, signed or folder.metadata(role), folder.of(*people, role=role)).finish()


def scripted(*changes):
    """The script says something else, and everybody signs their proofs anew."""
    def make(folder):
        for before, after in changes:
            folder.script(lambda text: text.replace(before, after))
    return make


def baseline(signed, signers=None, path=INPUT, role="root", written=str, **more):
    """Another file in the place of the one that was signed before, pinned by the script and named by record 0."""
    def make(folder):
        was = sha256(folder.files[path])
        keys = [folder.keys[keyid] for keyid in signers or old["roles"][role]["keyids"] if keyid in folder.keys]
        message = canonical(signed).encode()
        if role == "root":
            folder.baseline = signed
        data = printed({"signatures": [{"keyid": key.id, "sig": written(key.sign(message).hex())} for key in keys],
                        "signed": signed, **more})
        folder.files[path] = data
        folder.script(lambda text: text.replace(was, sha256(data)))
        if role == "root":
            folder.files["inputs/previous.root.json"] = data
            folder.transcript[0]["body"]["after"]["root"] = sha256(data)
    return make


def both(*makes):
    def make(folder):
        done = None
        for one in makes:
            done = one(folder)
        return done
    return make


def exchanged(path, data):
    """Another file, which the script does not pin."""
    def make(folder):
        folder.files[path] = data
    return make


def challenges(folder, *people):
    return [r["body"] for r in folder.transcript if r["kind"] == "proof" and r["body"]["person"] in people
            and r["body"]["purpose"] == "kept"]


def stating(who, **members):
    """The challenges of somebody state something else, and are signed."""
    def make(folder):
        for body in challenges(folder, who):
            body.update(members)
    return make


def unproven(*people, role=None):
    def make(folder):
        gone = {body["keyid"] for body in challenges(folder, *people)
                if role is None or body["keyid"] in old["roles"][role]["keyids"]}
        folder.transcript = [
            r for r in folder.transcript
            if not (r["kind"] == "proof" or r["kind"] == "signature" and r["body"]["role"] == "proof")
            or r["body"]["keyid"] not in gone]
    return make


def moved(kind, to):
    """Everything under one step is said to be under another."""
    def make(folder):
        for record in folder.transcript:
            if record["step"].startswith(kind):
                record["step"] = record["step"].replace(kind, to, 1)
    return make


def impostor(keyid):
    """Another card answers to a challenge in the place of the one with the kept key."""
    def make(folder):
        other = CardKey(KIND)
        other.id, other.slot = keyid, folder.keys[keyid].slot
        folder.keys[keyid] = other
        return folder.finish([DORA, BORIS, CHANDRA])
    return make


def sealing(*people):
    return lambda folder: folder.finish([folder.of(who)[0].id for who in people])


def given_up(*people):
    def make(folder):
        message = canonical(changed(root, expires="2026-11-29T00:00:00Z")).encode()
        folder.drop("root", message, folder.of(*people), folder.first("write", path=ROOT))
    return make


case("written anew, and nothing forged", "", lambda folder: None)

# --- The root before

case("the file of another root", INPUT, exchanged(INPUT, whole.files[ROOT]))
case("a root with a space more", INPUT, exchanged(INPUT, whole.files[INPUT] + b"\n"))
case("another digest in the script", INPUT, scripted((sha256(whole.files[INPUT]), "0" * 64)))
case("a root before with a key more, which nobody signed", INPUT, both(
    baseline(changed(old, keys={**old["keys"], CardKey().id: CardKey().object})),
    lambda folder: folder.files.update({INPUT: folder.files[INPUT]}),
    baseline(changed(old, keys={**old["keys"], whole.of("dora")[0].id: whole.of("dora")[0].object}), [DORA])))
case("a root before that one of its keys signed", INPUT, baseline(old, [ADA]))
case("a root before with signatures in upper-case hex", "", baseline(old, written=str.upper))
for role in ("timestamp", "targets"):
    case(f"a root before whose role {role} names a key that is not there", "", baseline(changed(old, roles=roles(
        old, **{role: {"keyids": old["roles"][role]["keyids"] + ["x"]}}))))
case("a root before that nobody signed", INPUT, baseline(old, ["none"]))
case("a root before of the same keys, pinned and named", "", baseline(changed(old, expires="2026-12-24T00:00:00Z")))
case("a root before that expired", "", baseline(changed(old, expires="2020-01-01T00:00:00Z")))
case("a root before of a later version", ROOT, baseline(changed(old, version=7)))
case("record 0 names another root", "inputs/previous.root.json", lambda folder: folder.transcript[0]["body"]["after"].update(
    root=sha256(b"another")))
case("record 0 names another head than the script", BEGIN, lambda folder: folder.transcript[0]["body"]["after"].update(
    head=sha256(b"another")))
case("the script goes on from another root than record 0 names", "inputs/previous.root.json", both(
    baseline(changed(old, expires="2026-12-24T00:00:00Z")),
    exchanged("inputs/previous.root.json", whole.files[INPUT]),
    lambda folder: folder.transcript[0]["body"]["after"].update(root=sha256(whole.files[INPUT]))))
case("a rotation said to be of engine 5", RECORD, lambda folder: folder.engine(5).finish())
case("a rotation without proofs, said to be of engine 5", SCRIPT, lambda folder: folder.engine(5, False).finish())

# --- Who keeps a key, and who shows it

ada, ada_targets = whole.of("ada")[0], whole.of("ada", role="targets")[0]
case("a kept key with another id", ROOT, signing("boris", "chandra", "dora", signed=renamed(root, ADA, "ab" * 32)))
case("a kept key without its field", ROOT, signing("ada", "boris", "chandra", "dora", signed=changed(
    root, keys={**root["keys"], ADA: without(root["keys"][ADA], "x-example-name")})))
case("a kept key exchanged for another", ROOT, signing("boris", "chandra", "dora", signed=changed(
    root, keys={**root["keys"], ADA: {**root["keys"][ADA], "keyval": CardKey(KIND).object["keyval"]}})))
case("a challenge missing", ROOT, unproven("boris"))
case("a challenge of one of two keys missing", ROOT, unproven("ada", role="targets"))
case("a challenge missing where it may", "", both(
    unproven("boris"), scripted(("name: Boris, ", "name: Boris, absent: keep, "))))
case("more challenges missing than may", ROOT, both(
    unproven("ada", "boris"), scripted(("name: Boris, ", "name: Boris, absent: keep, "),
                                       ("name: Ada, ", "name: Ada, absent: keep, "))))
case("nobody may be missing", ROOT, scripted((", absent: keep", "")))
case("a challenge answered by another card", RECORD, impostor(ADA))
case("a challenge with zeros", RECORD, stating("boris", pad="0"))
case("a challenge in another slot", RECORD, stating("boris", slot="9e"))
case("a challenge of another", RECORD, stating("boris", person="ada"))
case("a challenge that calls itself a test", RECORD, stating("boris", purpose="test"))
case("a challenge of no purpose", RECORD, stating("boris", purpose="enrolled"))
case("challenges under another's step", RECORD, moved("prove-ada", "prove-boris"))
case("challenges under no step of theirs", RECORD, moved("prove-ada", "card-dora"))
case("challenges for another role", RECORD, moved("prove-ada/prove-root", "prove-ada/prove-targets"))

# --- Who signs for which side

case("signed by enough of both sides, and no more", "", signing("ada", "boris"))
case("one short on the old side", ROOT, signing("ada", "dora"))
case("one short on the new side", ROOT, signing("ada", "chandra"))
case("who leaves does not count for the new side", ROOT, signing("chandra", "ada"))
case("who joins does not count for the old side", ROOT, signing("dora", "ada", "edna", signed=changed(
    root, roles=roles(root, root={"keyids": [ADA, BORIS, DORA]}))))
case("each person on one side", ROOT, signing("chandra", "dora"))
case("signed also by the one who is unproven", "", signing("ada", "boris", "edna"))


def idle(folder):
    key = folder.of("ada", role="targets")[0]
    folder.replace("root", root, [*folder.of("ada", "boris"), key])


case("a signature that counts for no side", ROOT, idle)


def hidden(folder):
    """One key under two ids, with which it would count twice."""
    again = CardKey(private=None)
    again.__dict__.update(ada.__dict__)
    again.object = {**ada.object, "x-again": 1}
    again.id = sha256(canonical(again.object).encode())
    folder.keys[again.id], folder.owners[again.id] = again, "ada"
    keyids = [again.id if keyid == BORIS else keyid for keyid in root["roles"]["root"]["keyids"]]
    signed = changed(root, keys={**without(root["keys"], BORIS), again.id: again.object},
                     roles=roles(root, root={"keyids": keyids}))
    folder.replace("root", signed, [ada, again, *folder.of("chandra")])


case("one key under two ids", ROOT, hidden)
case("sealed by enough of both sides, and no more", "", sealing("ada", "boris"))
case("sealed by who counts on one side each", "", sealing("ada", "chandra", "dora"))
case("a seal short on the old side", SEAL, sealing("ada", "dora"))
case("a seal short on the new side", SEAL, sealing("ada", "chandra"))
case("a seal by nobody", SEAL, sealing())


def sealed_by_targets(folder):
    key = folder.of("ada", role="targets")[0]
    return folder.finish([ADA, BORIS, key.id])


case("a seal also by a key of targets", SEAL, sealed_by_targets)
case("given up though both sides were reached", RECORD, given_up("ada", "boris"))
case("given up though both sides were reached by others", RECORD, given_up("ada", "chandra", "dora"))
case("given up before the new side was reached", "", given_up("ada", "chandra"))
case("given up before the old side was reached", "", given_up("ada", "dora"))

# --- What the script says


def everybody(signed, text=None, role="root"):
    """All sign this, by a script that says it."""
    people = ("ada", "boris", "chandra", "dora") if role == "root" else ("ada", "boris")
    return both(scripted(*text or ()), signing(*people, signed=signed, role=role))


def skipped(folder):
    signing("ada", "boris", signed=changed(root, version=3))(folder)
    folder.files["metadata/3.root.json"] = folder.files.pop(ROOT)
    folder.transcript[folder.first("write", path=ROOT)]["body"]["path"] = "metadata/3.root.json"


case("a version skipped", "metadata/3.root.json", skipped)
case("a threshold lowered in the root alone", ROOT, everybody(changed(root, roles=roles(root, root={"threshold": 1}))))
three = changed(root, roles=roles(root, root={"threshold": 3}))
case("a threshold raised by the script", "", everybody(three, [("root: {threshold: 2", "root: {threshold: 3")]))
case("a threshold above those who were proven", ROOT, everybody(
    changed(root, roles=roles(root, root={"threshold": 4})), [("root: {threshold: 2", "root: {threshold: 4")]))
case("a field dropped from the root alone", ROOT, everybody(without(root, "x-example-note")))
case("a field dropped by the script", SCRIPT, everybody(
    without(root, "x-example-note"), [("fields: {x-example-note: one}\n", "")]))
case("a field taken away by the script", "", everybody(
    without(root, "x-example-note"), [("x-example-note: one", "x-example-note: null")]))
bare = changed(root, roles={**root["roles"], "root": without(root["roles"]["root"], "x-example-role")})
case("a role's field dropped by the script", SCRIPT, everybody(bare, [(", fields: {x-example-role: 1}", "")]))
case("a new field of a name that is TUF's to give", SCRIPT, everybody(
    changed(root, mirrors="x"), [("{x-example-note: one}", "{x-example-note: one, mirrors: x}")]))
case("a kept key given fields", SCRIPT, scripted(("name: Boris, ", "name: Boris, fields: {x-a: b}, ")))
case("a kept key with a spare card", SCRIPT, scripted(("name: Boris, ", "name: Boris, spares: [7], ")))
case("two people keep one key", SCRIPT, scripted((BORIS[:16], ADA[:16])))
case("somebody keeps a key that is not there", SCRIPT, scripted((EDNA[:16], "0" * 16)))
case("nobody says why a key left", SCRIPT, scripted(("leaving:\n  chandra: {reason: left}\n", "")))
case("another reason for a key that left", "", scripted(("reason: left", "reason: suspected")))
case("a key that is suspected, and stays", SCRIPT, scripted(
    ("leaving:\n", f'leaving:\n  "{ADA[:16]}": {{reason: suspected}}\n')))
case("somebody leaves, and stays", SCRIPT, scripted(("leaving:\n", "leaving:\n  ada: {reason: routine}\n")))
case("somebody leaves who keeps no key", SCRIPT, scripted(("leaving:\n", "leaving:\n  dora: {reason: routine}\n")))
case("a key leaves that is not there", SCRIPT, scripted(("leaving:\n", 'leaving:\n  "00000000": {reason: lost}\n')))
case("a reason that is none", SCRIPT, scripted(("reason: left", "reason: bored")))


def by_some(folder):
    """Whoever writes the script anew has not the card of Boris, whose proof names the script that was."""
    del folder.keys[BORIS]
    scripted(("reason: left", "reason: routine"))(folder)
    return folder.finish([ADA, CHANDRA, DORA])


case("another script, without the card of Boris", RECORD, by_some)

# --- Targets that are signed again

case("targets with another content", TARGETS, everybody(
    changed(targets, targets={"x": {"length": 1, "hashes": {"sha256": "00" * 32}}}), role="targets"))
case("targets of another version", TARGETS, everybody(changed(targets, version=9), role="targets"))
more = changed(old_targets, targets={"x": {"length": 1, "hashes": {"sha256": "00" * 32}}})
case("other targets before, which had more", TARGETS, baseline(more, path=INPUT_TARGETS, role="targets"))
case("targets before with a field called role, which are not signed again with it", TARGETS, baseline(
    changed(old_targets, role="x"), path=INPUT_TARGETS, role="targets"))
case("targets before that one key signed", INPUT_TARGETS, baseline(
    old_targets, old["roles"]["targets"]["keyids"][:1], path=INPUT_TARGETS, role="targets"))
case("the file of other targets", INPUT_TARGETS, exchanged(INPUT_TARGETS, whole.files[TARGETS]))
case("targets before that are not named", SCRIPT, both(
    lambda folder: folder.script(lambda text: re.sub("  metadata: .*\n", "", text)),
    lambda folder: setattr(folder, "transcript", [
        r for r in folder.transcript if r["body"].get("path") != INPUT_TARGETS]),
    lambda folder: folder.files.pop(INPUT_TARGETS) and None))


# --- Roots before of others


def called(keyid, after):
    """The same key under another id, in the root before and everywhere else."""
    def make(folder):
        folder.transcript = renamed(folder.transcript, keyid, after)
        key = folder.keys.pop(keyid)
        key.id = after
        folder.keys[after], folder.owners[after] = key, folder.owners[keyid]
        folder.sealed_by = [after if one == keyid else one for one in folder.sealed_by]
        folder.script(lambda text: text.replace(keyid[:16], after[:16]))
        baseline(renamed(old, keyid, after), [after, BORIS, CHANDRA])(folder)
        folder.replace("root", renamed(root, keyid, after), [key, *folder.of("boris", "chandra", "dora")])
    return make


value = old["keys"][ADA]
part = {name: value[name] for name in ("keytype", "scheme", "keyval")}
for what, form in [
    ("type, scheme and value", part), ("type and value", without(part, "scheme")),
    ("type, scheme, value and digests", {**part, "keyid_hash_algorithms": ["sha256", "sha512"]}),
]:
    case(f"a kept key whose id is of {what}", "", called(ADA, sha256(canonical(form).encode())))
case("a kept key whose id is of no rule", SCRIPT, called(ADA, sha256(canonical({**part, "x": 1}).encode())))


def shared(folder):
    """Ada and Boris have one key each, for root and targets."""
    gone = old["roles"]["targets"]["keyids"]
    own = {"keyids": [ADA, BORIS]}
    before = changed(old, keys=without(old["keys"], *gone), roles=roles(old, targets=own))
    baseline(before)(folder)
    baseline(old_targets, [ADA, BORIS], path=INPUT_TARGETS, role="targets")(folder)
    unproven("ada", "boris", role="targets")(folder)
    for one, other in zip((ADA, BORIS), gone):
        folder.script(lambda text: text.replace(f'{{root: "{one[:16]}", targets: "{other[:16]}"}}', f'"{one[:16]}"'))
    signed = changed(root, keys=without(root["keys"], *gone), roles=roles(root, targets=own))
    folder.replace("root", signed, folder.of("ada", "boris", "chandra", "dora"))
    folder.replace("targets", targets, [folder.keys[ADA], folder.keys[BORIS]])


case("one kept key for root and targets", "", shared)


def doubled(folder):
    """The root before has the key of Ada under a second id."""
    again = {**old["keys"][ADA], "x-again": 1}
    baseline(changed(old, keys={**old["keys"], sha256(canonical(again).encode()): again}))(folder)


case("a kept key that stands in the root before under two ids", SCRIPT, doubled)

# --- Cards that draw badly


def repeated(who, is_other=True):
    """One number under the root before, and under something here."""
    def make(folder):
        key = folder.of(who)[0]
        key.nonce = 12345
        baseline(changed(old, expires="2026-12-24T00:00:00Z"))(folder)
        message = canonical(json.loads(folder.files[INPUT])["signed"]).encode()
        folder.insert(folder.exchange(key, b"another" if is_other else message), folder.first("payload"))
        key.nonce = None
    return make


def itself(folder):
    """A number that is the private key."""
    key = folder.of("ada")[0]
    key.nonce = key.private.private_numbers().private_value
    baseline(changed(old, expires="2026-12-24T00:00:00Z"))(folder)
    key.nonce = None


if KIND != "ed25519":
    case("one number under the root before and here", ROOT, repeated("ada"))
    case("one number over the same bytes", "", repeated("ada", is_other=False))
    case("one number by a key that leaves", "", repeated("chandra"))
    case("a kept key that the root before gave away", SCRIPT, itself)

case("a field that no script can state", INPUT, baseline(changed(old, **{"x\u202e": 1})))
case("a role's field that no script can state", INPUT,
     baseline(changed(old, roles=roles(old, timestamp={"a" * 501: 1}))))


def on_firmware(who, version):
    """The card of somebody who proves a kept key says another version of its firmware."""
    def make(folder):
        for record, answer in zip(folder.transcript, folder.transcript[1:]):
            is_asked = record["kind"] == "command" and record["body"]["apdu"].startswith("00fd")
            if is_asked and record["step"].startswith(f"prove-{who}/"):
                answer["body"]["data"] = version
    return make


accepted = scripted(("name: Ada, card: record", "name: Ada, card: record, firmware: accepted"))
is_refused = KIND != "ed25519" and whole.transcript[0]["body"]["engine"] > 6
case("a kept key that can be copied", RECORD if is_refused else "", on_firmware("ada", "050604"))
case("a kept key that can be copied, as the script says", "", both(accepted, on_firmware("ada", "050604")))
case("a kept key on the first firmware that is sound", "", on_firmware("ada", "050700"))

# --- What the close record says of keys

def said(change):
    def make(folder):
        folder.is_said = True
        change(folder.transcript[-1]["body"]["keys"])
    return make


case("the close record without a key", RECORD, said(lambda keys: keys.pop()))
case("the close record in another order", RECORD, said(lambda keys: keys.reverse()))
case("a kept key said to be made", RECORD, said(lambda keys: keys[0].update(origin="made")))
case("an unproven key said to be proven", RECORD, said(lambda keys: keys[3].update(proven=True)))
case("a key of another role", RECORD, said(lambda keys: keys[0].update(roles=["root", "targets"])))
case("a key of an origin that is none", RECORD, said(lambda keys: keys[0].update(origin="found")))
case("a close record without keys", RECORD, lambda folder: folder.transcript[-1]["body"].pop("keys") and None)
case(
    "a script that says why targets is not signed again, where it is", "script.yaml",
    lambda folder: folder.script(
        lambda text: text.replace("  metadata: ", "  orphaned: {targets: Later.}\n  metadata: ")).finish())

print(json.dumps(cases))
