#!/usr/bin/env python3
"""Makes a repository as a server has it, with people's keys for root, targets and two delegated roles, and one online.

usage: served.py FOLDER [--roots N] [--targets-days N] [--plain-names] [--seed N]

FOLDER holds N.root.json for N roots, timestamp, snapshot, targets, the offline roles `team` and `team/apps` (which
`team` delegates to), and the online role `nightly`. Everything is judged from archive.py's time and expires 300 days
after it, targets after --targets-days. The same arguments give the same bytes.
"""
import argparse
import pathlib
import random
import urllib.parse

from archive import Key, common, envelope, role


class Served:
    def __init__(self, folder, plain, seed):
        rng = random.Random(seed)
        self.folder, self.plain = folder, plain
        self.root_keys, self.targets_keys = [Key(rng) for _ in range(3)], [Key(rng) for _ in range(2)]
        self.team, self.apps, self.online = Key(rng), Key(rng), Key(rng)
        self.versions = {}
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, name, version, signed, keys):
        quoted = urllib.parse.quote(name, "")
        file = f"{quoted}.json" if self.plain and name != "root" else f"{version}.{quoted}.json"
        (self.folder / file).write_bytes(envelope(signed, keys))
        self.versions[name] = version

    def roots(self, count):
        keys = self.root_keys + self.targets_keys + [self.online]
        for version in range(1, count + 1):
            signed = common("root", version, 300) | {"consistent_snapshot": not self.plain}
            signed["keys"] = {key.id: key.object for key in keys}
            signed["roles"] = {name: role([self.online], 1) for name in ("snapshot", "timestamp")} | {
                "root": role(self.root_keys, 2), "targets": role(self.targets_keys, 2),
            }
            self.write("root", version, signed, self.root_keys[:2])

    def delegating(self, name, version, days, keys, *delegated):
        signed = common("targets", version, days) | {"targets": {}}
        if delegated:
            signed["delegations"] = {
                "keys": {key.id: key.object for _, key in delegated},
                "roles": [
                    role([key], 1) | {"name": other, "terminating": False, "paths": ["*"]} for other, key in delegated
                ],
            }
        self.write(name, version, signed, keys)

    def rest(self, targets_days):
        team, nightly = ("team", self.team), ("nightly", self.online)
        self.delegating("targets", 4, targets_days, self.targets_keys, team, nightly)
        self.delegating("team", 2, 300, [self.team], ("team/apps", self.apps))
        self.delegating("team/apps", 5, 300, [self.apps])
        self.delegating("nightly", 80, 300, [self.online])
        named = {f"{name}.json": {"version": v} for name, v in self.versions.items() if name != "root"}
        self.write("snapshot", 90, common("snapshot", 90, 300) | {"meta": named}, [self.online])
        signed = common("timestamp", 100, 300) | {"meta": {"snapshot.json": {"version": 90}}}
        (self.folder / "timestamp.json").write_bytes(envelope(signed, [self.online]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--roots", type=int, default=5)
    parser.add_argument("--targets-days", type=int, default=300)
    parser.add_argument("--plain-names", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    served = Served(options.folder, options.plain_names, options.seed)
    served.roots(options.roots)
    served.rest(options.targets_days)


if __name__ == "__main__":
    main()
