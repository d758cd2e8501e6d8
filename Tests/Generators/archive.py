#!/usr/bin/env python3
"""Makes an archive of TUF repositories for `tuf-audit expiry`, and a list of the right verdicts.

usage: archive.py FOLDER [--files N] [--seed N]

FOLDER/archive holds the repositories, FOLDER/expected.json {"at": TIME, "files": {path: status}}.
The same seed gives the same bytes. Needs `cryptography` and `securesystemslib`.
"""

import argparse
import datetime
import hashlib
import json
import pathlib
import random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.formats import encode_canonical

AT = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)
# Days from the time judged to the expiry, by what an offline role's verdict is then.
DAYS = {"ok": 200, "warning": 60, "critical": 10, "expired": -5}


class Key:
    def __init__(self, rng):
        self.secret = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
        public = self.secret.public_key().public_bytes_raw().hex()
        self.object = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public}}
        self.id = hashlib.sha256(encode_canonical(self.object).encode()).hexdigest()

    def sign(self, message):
        return {"keyid": self.id, "sig": self.secret.sign(message).hex()}


def time(days):
    return (AT + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def envelope(signed, keys):
    message = encode_canonical(signed).encode()
    return json.dumps({"signatures": [key.sign(message) for key in keys], "signed": signed}, indent=1).encode()


def role(keys, threshold):
    return {"keyids": [key.id for key in keys], "threshold": threshold}


def common(kind, version, days):
    return {"_type": kind, "spec_version": "1.0.31", "version": version, "expires": time(days)}


class Repository:
    """One repository in one of three layouts: versioned names, tuf-on-ci's with root_history, names without versions."""

    def __init__(self, folder, layout, rng):
        self.folder, self.layout, self.rng = folder, layout, rng
        self.expected = {}
        self.root_keys = [Key(rng) for _ in range(3)]
        self.targets_keys = [Key(rng) for _ in range(2)]
        self.bins_key, self.online, self.stranger = Key(rng), Key(rng), Key(rng)

    def write(self, name, data, status):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.expected[path] = status

    def name(self, version, role_name):
        return f"{version}.{role_name}.json" if self.layout == "versioned" else f"{role_name}.json"

    def root(self, version, days):
        signed = common("root", version, days)
        signed["consistent_snapshot"] = self.layout == "versioned"
        keys = self.root_keys + self.targets_keys + [self.online]
        signed["keys"] = {key.id: key.object for key in keys}
        signed["roles"] = {
            "root": role(self.root_keys, 2),
            "targets": role(self.targets_keys, 2),
            "snapshot": role([self.online], 1),
            "timestamp": role([self.online], 1),
        }
        return envelope(signed, self.root_keys[:2])

    def top_level(self):
        state = self.rng.choice(["ok", "ok", "warning", "critical", "expired"])
        first, second = self.root(1, -400), self.root(2, DAYS[state])
        if self.layout == "history":
            self.write("root_history/1.root.json", first, "superseded")
            self.write("root_history/2.root.json", second, state)
            self.write("root.json", second, "duplicate")
        else:
            self.write("1.root.json", first, "superseded")
            self.write("2.root.json", second, state)
        self.online_state = self.rng.choice(["ok", "expired"])
        self.online_roles({})

    def online_roles(self, versions):
        snapshot = self.envelope_of("snapshot", {f"{name}.json": {"version": n} for name, n in versions.items()})
        meta = {"version": 7, "length": len(snapshot), "hashes": {"sha256": hashlib.sha256(snapshot).hexdigest()}}
        self.write(self.name(7, "snapshot"), snapshot, self.online_state)
        self.write("timestamp.json", self.envelope_of("timestamp", {"snapshot.json": meta}), self.online_state)

    def envelope_of(self, kind, meta):
        # An online role is not reported before it expires.
        signed = common(kind, 7, 1 if self.online_state == "ok" else -1) | {"meta": meta}
        return envelope(signed, [self.online])

    def targets(self, names):
        state = self.rng.choice(["ok", "warning", "critical", "expired"])
        delegations = {"keys": {self.bins_key.id: self.bins_key.object}}
        if self.rng.random() < 0.5:
            delegations["succinct_roles"] = role([self.bins_key], 1) | {"bit_length": 12, "name_prefix": "bin"}
        else:
            delegations["roles"] = [
                role([self.bins_key], 1) | {"name": name, "terminating": True, "path_hash_prefixes": [name[-3:]]}
                for name in names
            ]
        for version in (2, 3) if self.layout == "versioned" else (3,):
            signed = common("targets", version, DAYS[state]) | {"targets": {}, "delegations": delegations}
            status = state if version == 3 else "superseded"
            self.write(self.name(version, "targets"), envelope(signed, self.targets_keys), status)
        if self.layout == "versioned":
            # Newer, and not by the right keys: it must neither count nor hide the one that does.
            forged = common("targets", 4, 300) | {"targets": {}, "delegations": delegations}
            self.write("4.targets.json", envelope(forged, [self.targets_keys[0], self.stranger]), "invalid")

    def bin(self, name):
        kind = self.rng.choice(["ok"] * 6 + ["warning", "critical", "expired", "broken", "forged", "superseded"])
        signed = common("targets", 5, DAYS.get(kind, 200))
        signed["targets"] = {f"{name}/file-{n}": {"length": n, "hashes": {"sha256": "00" * 32}} for n in range(3)}
        data = envelope(signed, [self.bins_key])
        if kind == "broken":
            self.write(self.name(5, name), data[: self.rng.randrange(1, len(data) - 2)], "invalid")
        elif kind == "forged":
            self.write(self.name(5, name), envelope(signed, [self.stranger]), "invalid")
        elif kind == "superseded" and self.layout == "versioned":
            self.write(self.name(5, name), data, "ok")
            signed["version"] = 4
            self.write(self.name(4, name), envelope(signed, [self.bins_key]), "superseded")
        else:
            self.write(self.name(5, name), data, "ok" if kind == "superseded" else kind)

    def fill(self, count):
        self.top_level()
        names = [f"bin-{number:03x}" for number in range(max(count - 8, 1))]
        self.targets(names)
        made = []
        for name in names:
            if len(self.expected) < count:
                self.bin(name)
                made.append(name)
        self.online_roles({"targets": 3} | dict.fromkeys(made, 5))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    archive = options.folder / "archive"
    expected = {}
    number = 0
    while len(expected) < options.files:
        layout = ["versioned", "history", "flat"][number % 3]
        repository = Repository(archive / f"repository-{number:03}", layout, rng)
        repository.fill(min(250, max(options.files - len(expected), 10)))
        expected |= {str(path.relative_to(archive)): status for path, status in repository.expected.items()}
        number += 1
    document = {"at": AT.strftime("%Y-%m-%dT%H:%M:%SZ"), "files": expected}
    (options.folder / "expected.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
    print(f"{len(expected)} files in {number} repositories, seed {options.seed}")


if __name__ == "__main__":
    main()
