"""Scripts that go on from a rehearsal, as tests from outside need them."""
import hashlib
import json


def rotation(genesis, folder, keeps, leaves=(), joins=(), threshold=2, more="", cards="{attestation: optional}"):
    """Writes the root of a rehearsal and a script that goes on from it into a folder, and returns the script's path.

    keeps, leaves: ids of keyholders of the rehearsal, in the order of its root; `id` or `id: more keys of a keyholder`.
    """
    roots = sorted((genesis / "metadata").glob("*.root.json"), key=lambda path: int(path.name.split(".")[0]))
    data = roots[-1].read_bytes()
    (folder / roots[-1].name).write_bytes(data)
    root = json.loads(data)["signed"]
    ids = root["roles"]["root"]["keyids"]
    online = next(key for i, key in root["keys"].items() if i in root["roles"]["timestamp"]["keyids"])
    head = hashlib.sha256((genesis / "transcript.jsonl").read_bytes().splitlines()[-1]).hexdigest()
    people, order = [], dict(keeps)
    for who, (place, own) in {**order, **dict(leaves)}.items():
        people.append(f'  {who}: {{name: {who.capitalize()}, {own}, key: "{ids[place][:16]}"}}')
    people += [f"  {who}: {{name: {who.capitalize()}, {own}}}" for who, own in dict(joins).items()]
    holders = [*order, *dict(joins)]
    signers = [*order, *dict(leaves), *dict(joins)]
    steps = [f"{{id: prove-{who}, do: prove, keyholder: {who}}}" for who in order]
    steps += [f"{{id: card-{who}, do: provision, keyholder: {who}}}" for who in dict(joins)]
    steps += ["{id: build-root, do: build, role: root}", "{id: show-root, do: show, role: root}"]
    steps += [f"{{id: sign-root-{who}, do: sign, role: root, keyholder: {who}}}" for who in signers]
    steps += ["{id: verify-root, do: verify, role: root}", "{id: write-root, do: write, role: root}",
              "{id: close, do: close}"]
    leaving = "".join(f"  {who}: {{reason: left}}\n" for who in dict(leaves))
    script = folder / "rotation.yaml"
    script.write_text(f"""ceremony: 2
title: A rotation
repository: Example repository
administrator: Administrator
witness: Witness
previous:
  root: {{file: {roots[-1].name}, sha256: {hashlib.sha256(data).hexdigest()}}}
  head: {head}
{"leaving:" + chr(10) + leaving if leaving else ""}keyholders:
{chr(10).join(people)}
cards: {cards}
{more}roles:
  root: {{threshold: {threshold}, keyholders: [{", ".join(holders)}], expires: {{days: 7}}}}
  targets: {{threshold: 1, keys: [service]}}
  snapshot: {{threshold: 1, keys: [service]}}
  timestamp: {{threshold: 1, keys: [service]}}
online-keys:
  service: {{ed25519: {online["keyval"]["public"]}}}
steps:
""" + "".join(f"  - {step}\n" for step in steps))
    return script
