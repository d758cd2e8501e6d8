"""Repositories as other tools write them, judged by tuf-audit, by python-tuf's client, and by the table's own value."""
import collections
import json
import os
import subprocess
import unittest

from programs import ROOT, TestCase, run

PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
class ForeignTests(TestCase):
    def setUp(self):
        super().setUp()
        subprocess.run([PYTHON, "-B", ROOT / "Tests/Generators/foreign.py", self.scratch], check=True, timeout=300)
        self.table = json.loads((self.scratch / "table.json").read_text())

    def test_foreign_repositories(self):
        client = subprocess.run(
            [PYTHON, "-B", ROOT / "Tests/Peers/ngclient.py", self.scratch], check=True, stdout=subprocess.PIPE, text=True,
            timeout=300)
        client = json.loads(client.stdout)
        self.assertGreaterEqual(len(self.table), 40)
        differences = 0
        for row in self.table:
            with self.subTest(row["name"]):
                folder = self.scratch / row["name"]
                for trusted in ([], ["--trusted", folder / "1.root.json"]):
                    done = run("tuf-audit", "verify", folder, *trusted)
                    self.assertEqual(done.returncode, row["right"], done.stdout[-3000:])
                    self.assertNoCrash(done.stderr)
                    # Nothing is claimed that was not checked.
                    for word in ("has to sign again", "forged", "by any known rule"):
                        self.assertNotIn(word, done.stdout)
                self.assertEqual(client[row["name"]][0], row["client"], client[row["name"]][1])
                differs = (row["right"] == 0) != (row["client"] == "ok")
                self.assertEqual(differs, row["section"] is not None, "a difference without its reason")
                differences += differs
        made = collections.Counter(row["made"] for row in self.table)
        print(f"{len(self.table)} foreign repositories ({dict(made)}), {differences} named differences", flush=True)
