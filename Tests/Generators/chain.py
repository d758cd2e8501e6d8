#!/usr/bin/env python3
"""Makes a long chain of roots, and targets metadata with prefix bins, for speed measurements of `tuf-audit verify`.

usage: chain.py FOLDER [--roots N] [--bins N]

FOLDER/roots holds N.root.json, three of five Ed25519 keys each, one replaced at every tenth version;
FOLDER/bins holds root.json and targets.json, which delegates to N hash bins by path_hash_prefixes.
The same arguments give the same bytes.
"""

import argparse
import pathlib
import random

from archive import Key, common, envelope, role

KEYS = 5
THRESHOLD = 3


def root(version, keys, online):
    signed = common("root", version, 300) | {"consistent_snapshot": True}
    signed["keys"] = {key.id: key.object for key in keys + [online]}
    signed["roles"] = {"root": role(keys, THRESHOLD)} | {
        name: role([online], 1) for name in ("targets", "snapshot", "timestamp")
    }
    return signed


def write_roots(folder, count, rng):
    folder.mkdir(parents=True)
    online = Key(rng)
    keys = [Key(rng) for _ in range(KEYS)]
    signers = keys[:THRESHOLD]
    for version in range(1, count + 1):
        if version % 10 == 0:
            keys = keys[1:] + [Key(rng)]
        signers = [key for key in dict.fromkeys(signers + keys[:THRESHOLD])]
        (folder / f"{version}.root.json").write_bytes(envelope(root(version, keys, online), signers))
        signers = keys[:THRESHOLD]


def write_bins(folder, count, rng):
    folder.mkdir(parents=True)
    online = Key(rng)
    keys = [Key(rng) for _ in range(KEYS)]
    (folder / "1.root.json").write_bytes(envelope(root(1, keys, online), keys[:THRESHOLD]))
    digits = len(f"{count - 1:x}")
    signed = common("targets", 1, 300) | {"targets": {}}
    signed["delegations"] = {
        "keys": {online.id: online.object},
        "roles": [
            role([online], 1)
            | {"name": f"bin-{n:0{digits}x}", "terminating": True, "path_hash_prefixes": [f"{n:0{digits}x}"]}
            for n in range(count)
        ],
    }
    (folder / "1.targets.json").write_bytes(envelope(signed, [online]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--roots", type=int, default=1000)
    parser.add_argument("--bins", type=int, default=16_384)
    options = parser.parse_args()
    rng = random.Random(1)
    write_roots(options.folder / "roots", options.roots, rng)
    write_bins(options.folder / "bins", options.bins, rng)
    print(f"{options.roots} roots, {options.bins} bins")


if __name__ == "__main__":
    main()
