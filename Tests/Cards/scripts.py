"""Scripts of the tests' own: short, with every kind of card work, and good for `run` and `rehearse` alike."""

import datetime
import os

TEXT = """\
ceremony: {version}
title: Two keyholders
repository: Example repository
administrator: Administrator
witness: Witness
cards:
  attestation: {attestation}
{rules}keyholders:
  ada:
    name: Ada
    card: {ada}
  boris:
    name: Boris
    card: {boris}
roles:
  root:
    threshold: 2
    keyholders: [ada, boris]
    algorithm: {algorithm}
    touch-policy: {touch}
    expires: {expires}
  targets:
    threshold: 1
    keys: [service]
  snapshot:
    threshold: 1
    keys: [service]
  timestamp:
    threshold: 1
    keys: [service]
online-keys:
  service:
    ed25519: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
steps:
  - {{id: welcome, do: say, say: We begin.}}
  - {{id: room, do: confirm, confirm: The door is shut.}}
  - {{id: card-ada, do: provision, keyholder: ada}}
  - {{id: card-boris, do: provision, keyholder: boris}}
  - {{id: build-root, do: build, role: root}}
  - {{id: show-root, do: show, role: root}}
  - {{id: sign-root-ada, do: sign, role: root, keyholder: ada}}
  - {{id: sign-root-boris, do: sign, role: root, keyholder: boris}}
  - {{id: verify-root, do: verify, role: root}}
  - {{id: write-root, do: write, role: root}}
  - {{id: close, do: close}}
"""


# What a script of version 2 may do without.
WITHOUT = {"model": "other", "payload-limit": 1323, "read-back": "optional", "tries": "optional"}


def two_keyholders(
    folder, attestation="required", algorithm="ed25519", ada="record", boris="record", rules=None, touch="always"
):
    """Writes the script of a root of 2 of 2 and returns its path; `rules` are for cards, and of version 2."""
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=300)
    path = os.path.join(folder, "two-keyholders.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            TEXT.format(
                attestation=attestation, algorithm=algorithm, ada=ada, boris=boris, touch=touch,
                version=2 if rules else 1, rules="".join(f"  {name}: {rule}\n" for name, rule in (rules or {}).items()),
                expires=expires.strftime("%Y-%m-%dT00:00:00Z"),
            )
        )
    return path
