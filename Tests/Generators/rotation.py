#!/usr/bin/env python3
"""Makes the script of the ceremony after a rehearsal of Runbook/root-only-genesis.yaml, for speed measurements.

usage: rotation.py GENESIS OUT

GENESIS is the folder of that rehearsal. OUT/rotation.yaml keeps four of the five root keys, lets Emeka leave and Farah
join; beside it is what it names. The same folder gives the same bytes.
"""

import argparse
import hashlib
import json
import pathlib

ONLINE = pathlib.Path(__file__).resolve().parent.parent.parent / "Runbook" / "online-stand-in.pem"
STAYING = ["ada", "boris", "chandra", "dalia"]


def script(root, head, online):
    roles = json.loads(root)["signed"]["roles"]
    yield "ceremony: 2\ntitle: Second ceremony\nrepository: Python Package Index"
    yield "administrator: {name: Administrator, initials: AD}\nwitness: {name: Witness, initials: WI}"
    yield f"previous:\n  root: {{file: 1.root.json, sha256: {hashlib.sha256(root).hexdigest()}}}\n  head: {head}"
    yield "keyholders:"
    # The genesis names its keyholders in this order, and so does the root.
    for holder, key in zip(STAYING, roles["root"]["keyids"]):
        yield f'  {holder}: {{name: {holder.capitalize()}, card: record, key: "{key[:16]}"}}'
    yield "  farah: {name: Farah, card: record}"
    yield f'leaving:\n  "{roles["root"]["keyids"][4][:16]}": {{reason: left, name: Emeka}}'
    yield f"online-keys:\n  service: {{file: online.pem, sha256: {hashlib.sha256(online).hexdigest()}}}"
    signers = STAYING + ["farah"]
    yield "roles:"
    yield f"  root: {{threshold: 3, keyholders: [{', '.join(signers)}], expires: {{days: 7}}}}"
    yield from (f"  {role}: {{threshold: 1, keys: [service]}}" for role in ("targets", "snapshot", "timestamp"))
    yield "steps:\n  - {id: attendance, do: attendance}"
    yield from (f"  - {{id: prove-{holder}, do: prove, keyholder: {holder}}}" for holder in STAYING)
    yield "  - {id: card-farah, do: provision, keyholder: farah}"
    yield "  - {id: build, do: build, role: root}\n  - {id: show, do: show, role: root}"
    yield from (f"  - {{id: sign-{holder}, do: sign, role: root, keyholder: {holder}}}" for holder in signers)
    yield "  - {id: verify, do: verify, role: root}\n  - {id: write, do: write, role: root}\n  - {id: close, do: close}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("genesis", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    root = (options.genesis / "metadata" / "1.root.json").read_bytes()
    last = (options.genesis / "transcript.jsonl").read_bytes().splitlines()[-1]
    options.out.mkdir(parents=True)
    (options.out / "1.root.json").write_bytes(root)
    (options.out / "online.pem").write_bytes(ONLINE.read_bytes())
    text = "\n".join(script(root, hashlib.sha256(last).hexdigest(), ONLINE.read_bytes())) + "\n"
    (options.out / "rotation.yaml").write_text(text)


if __name__ == "__main__":
    main()
