"""What a rehearsal leaves behind: the same bytes wherever it is held, and nothing that it should not."""
import json
import os
import re
import subprocess

from programs import AT, FINE, FIRST, LESS, ROOT, RUNBOOK, TestCase, program, rehearse, run, second_opinion

# What finishes a root that waits needs the folder of the ceremony that waited.
SCRIPTS = sorted(path for path in RUNBOOK.glob("*.yaml") if "\n  pending:\n" not in path.read_text())
GOLDEN = ROOT / "Fixtures"
# By the golden ceremony, the file of what its replay says. The rotation came with engine version 7.
VERDICTS = {"first-rehearsal": "replay.json", "first-rotation": "rotation.json", "delegations": "delegations.json"}
# The engine version whose golden was the first of its kind.
SINCE = {"first-rehearsal": 1, "first-rotation": 7, "delegations": 9}


def files(folder):
    """Every product by its path; what is in virtual-cards/ is no product."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
        if path.is_file() and "virtual-cards" not in path.relative_to(folder).parts
    }


def engines():
    """The folder of each engine version, oldest first."""
    return sorted(GOLDEN.glob("engine-*"), key=lambda path: int(path.name[7:]))


def signed_bytes(metadata):
    """The canonical form of what is signed, which for ASCII differs from JSON in the newlines of a PEM key."""
    signed = json.loads(metadata.read_text())["signed"]
    return json.dumps(signed, sort_keys=True, separators=(",", ":")).replace("\\n", "\n").encode()


class ProductsTests(TestCase):
    def test_one_seed_makes_the_same_bytes_in_every_folder_and_build(self):
        folders = []
        for build, name in [("debug", "a"), ("debug", "b/c"), ("release", "d")]:
            folders.append(self.scratch / name)
            folders[-1].mkdir(parents=True)
            environment = {**os.environ, "TUF_CEREMONY": program("tuf-ceremony", build)}
            subprocess.run([GOLDEN / "goldens", folders[-1]], env=environment, check=True, timeout=300)
        for name, root in zip(VERDICTS, ("metadata/1.root.json", "metadata/2.root.json", "metadata/1.bins.json")):
            first, *others = (files(folder / name) for folder in folders)
            self.assertIn(root, first)
            for other in others:
                self.assertEqual(first, other, name)
            engine = json.loads(first["transcript.jsonl"].splitlines()[0])["body"]["engine"]
            if engine >= SINCE[name]:
                self.assertSameAsGolden(first, files(GOLDEN / f"engine-{engine}" / name))

    def assertSameAsGolden(self, first, golden):
        self.assertEqual(list(first), list(golden))
        # A later release of the same engine may have another page and another verifier, which the records name.
        supplied = [name for name in golden if name.startswith("verify/")]
        is_same = all(first[name] == golden[name] for name in supplied)
        bound = {"transcript.jsonl", "sealing.jsonl", "seal.dsse.json", "report.html", "SHA256SUMS", *supplied}
        for name in first:
            if is_same or name not in bound:
                self.assertEqual(first[name], golden[name], f"{name} differs: raise the engine's version")
        for name in ("transcript.jsonl", "sealing.jsonl"):
            steps = [[(record["step"], record["kind"]) for record in map(json.loads, made[name].splitlines())]
                     for made in (first, golden)]
            self.assertEqual(*steps, f"{name} differs: raise the engine's version")

    def test_what_a_replay_says_of_the_golden_rehearsal(self):
        goldens = engines()
        newest = goldens[-1]
        for kept, name in [(kept, name) for kept in goldens for name in VERDICTS]:
            if int(kept.name[7:]) < SINCE[name]:
                self.assertFalse((kept / name).exists())
                continue
            for build in ("debug", "release"):
                folder = kept / name
                done = run("tuf-audit", "replay", folder, "--format", "json", build=build)
                self.assertEnds(done, FINE if kept == newest else LESS)
                if kept != newest:
                    # What the files prove is less than a replay is asked for, unless that is what is asked for.
                    accepted = run("tuf-audit", "replay", folder, "--format", "json", "--from-files", build=build)
                    self.assertEnds(accepted, FINE)
                    self.assertEqual(accepted.stdout, done.stdout.replace('"exit": 3', '"exit": 0'))
                    # Another engine version: verified from the files alone.
                    verdict = json.loads(done.stdout)
                    self.assertTrue(verdict["verified"] and not verdict["replayed"] and not verdict["reexecuted"])
                    self.assertEqual([one["code"] for one in verdict["findings"]], ["ENGINE-VERSION"])
                    then = json.loads((kept / VERDICTS[name]).read_text())
                    self.assertEqual(verdict["seal"], {"old": None, **then["seal"], "needed": then["seal"]["threshold"]})
                    for member in ("head", "cards", "records", "ending"):
                        self.assertEqual(verdict[member], then[member], member)
                    continue
                self.assertEqual(done.stdout, (kept / VERDICTS[name]).read_text())

    def test_the_golden_rotation_goes_on_from_the_golden_rehearsal(self):
        """By both verifiers, whichever engine made them."""
        for kept in [kept for kept in engines() if int(kept.name[7:]) >= SINCE["first-rotation"]]:
            first, then = kept / "first-rehearsal", kept / "first-rotation"
            chain = run("tuf-audit", "replay", then, "--after", first, "--from-files", "--format", "json")
            self.assertEnds(chain, FINE)
            self.assertEqual(json.loads(chain.stdout)["reexecuted"], kept == engines()[-1])
            opinion = second_opinion(then, "--after", str(first))
            if opinion:
                self.assertEqual(opinion.returncode, FINE, opinion.stdout + opinion.stderr)
                self.assertIn("holds, and", opinion.stdout)

    def test_the_second_verifier_holds_every_golden(self):
        for kept in engines():
            for name in VERDICTS:
                opinion = (kept / name).exists() and second_opinion(kept / name)
                if opinion:
                    self.assertEqual(opinion.returncode, FINE, f"{kept / name}: {opinion.stdout}{opinion.stderr}")

    def test_every_shipped_script(self):
        """`check` finds nothing but what makes it one for rehearsals, and says how many bytes the cards will sign."""
        self.assertGreater(len(SCRIPTS), 2)
        for script in SCRIPTS:
            with self.subTest(script.name):
                done = run("tuf-ceremony", "check", script, "--at", AT)
                self.assertEnds(done, LESS, "FOR REHEARSALS ONLY", "ONLINE-KEY-STAND-IN", script.name)
                mistakes, _, only = done.stderr.partition("FOR REHEARSALS ONLY")
                self.assertNotIn("error", mistakes)
                self.assertLessEqual(
                    set(re.findall(r"^error (\S+)", only, re.MULTILINE)),
                    {"ONLINE-KEY-STAND-IN", "VENDOR-CERTIFICATES-MISSING", "EXPIRY-RELATIVE"})
                limit = r"(?:of \d+|\(one-time keys sign it: no limit\))"
                sizes = re.findall(rf"^  (\S+) +rehearsal +(\d+) {limit}$", done.stdout, re.MULTILINE)
                self.assertGreater(len(sizes), 0, done.stdout)
                out = self.scratch / script.stem
                # Whoever makes a key elsewhere is played, too.
                apart = ["--sites", self.scratch / f"{script.stem}-sites"] * ("do: enrol" in script.read_text())
                self.assertEnds(rehearse(out, script, *apart, build="release"), FINE)
                made = [
                    (path.name.split(".")[1], str(len(signed_bytes(path))))
                    for path in (out / "metadata").iterdir()
                ]
                self.assertEqual(sorted(sizes), sorted(made))
                self.assertSums(out)
                # Whoever is not in the room proves nothing.
                self.assertReplay(out, FINE, *["KEPT-KEY-UNPROVEN"] * ("absent: keep" in script.read_text()))

    def test_without_a_script_it_is_the_pep_458_genesis(self):
        out = self.scratch / "out"
        done = rehearse(out)
        self.assertEnds(done, FINE)
        self.assertEqual((out / "script.yaml").read_bytes(), (RUNBOOK / "pep458-genesis.yaml").read_bytes())
        command = "tail -n1 transcript.jsonl | tr -d '\\n' | sha256sum"
        head = subprocess.run(command, shell=True, cwd=out, capture_output=True, text=True)
        self.assertIn(head.stdout.split()[0], done.stdout)
        self.assertIn(f"{out}/metadata/1.root.json", done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_cards_are_kept_with_the_rehearsal(self):
        out = self.scratch / "out"
        self.assertEnds(rehearse(out, FIRST, "--seed", 1), FINE)
        cards = sorted(path.name for path in (out / "cards").iterdir())
        for card in cards:
            state = out / "virtual-cards" / f"{card}.json"
            done = run("tuf-ceremony", "card", "info", "--format", "json", "--state", state)
            self.assertEnds(done, FINE)
            self.assertEqual(str(json.loads(done.stdout)["serial"]), card)

    def test_nothing_of_the_machine_is_in_what_is_published(self):
        # Names that no key and no certificate contains by chance, as a host's own short one may be.
        host, person = "host-of-the-room", "person-of-the-room"
        naming = 'hostname "$0" && test "$(uname -n)" = "$0" && exec "$@"'
        named = ["unshare", "--map-root-user", "--uts", "sh", "-c", naming, host]
        if subprocess.run([*named, "true"], capture_output=True).returncode:
            self.skipTest("nobody may give a host another name here")
        out = self.scratch / "out"
        environment = {"PATH": os.environ["PATH"], "HOSTNAME": host, "HOME": f"/home/{person}"}
        environment |= {name: person for name in ["USER", "LOGNAME", "SUDO_USER"]}
        done = subprocess.run(
            [*named, program("tuf-ceremony"), "rehearse", "--unattended", "--out", out, FIRST],
            env=environment, capture_output=True, text=True, timeout=120)
        self.assertEnds(done, FINE)
        for private in [host, person, str(self.scratch), str(ROOT)]:
            for path, content in files(out).items():
                self.assertNotIn(private.encode(), content, path)


class ProgramsTests(TestCase):
    def test_the_auditor_does_not_load_the_card_library(self):
        for build in ["debug", "release"]:
            done = subprocess.run(
                ["readelf", "-d", program("tuf-audit", build)], capture_output=True, text=True, check=True)
            self.assertIn("(NEEDED)", done.stdout)
            self.assertNotIn("pcsclite", done.stdout)

    def test_a_rehearsal_opens_no_network_socket(self):
        log = self.scratch / "calls"
        done = subprocess.run(
            ["strace", "-f", "-e", "trace=%network", "-o", log, program("tuf-ceremony"), "rehearse",
             "--unattended", FIRST, "--out", self.scratch / "out"], capture_output=True, text=True)
        self.assertEnds(done, FINE)
        self.assertIn("exited with 0", log.read_text())
        self.assertNotIn("AF_INET", log.read_text())
