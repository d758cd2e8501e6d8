"""`draft rotation`: scripts that nobody has to type, after our own ceremonies and after anybody's root."""
import datetime
import hashlib
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess

from programs import (
    AT, CANNOT_CREATE, FINE, LESS, NO_INPUT, ROOT, RUNBOOK, USAGE, VIOLATION, Person, TestCase, program, rehearse, run,
    second_opinion)

STAND_IN = RUNBOOK / "1.root.json"


def shipped_rotations():
    """Scripts of Runbook/ that build a root after another. What finishes a root that waits is no rotation of its own."""
    texts = {path: path.read_text() for path in RUNBOOK.glob("*.yaml")}
    return [path for path, text in texts.items() if "\nprevious:\n" in text and "\n  pending:\n" not in text]


def canonical(value):
    """For ASCII it differs from JSON in the newlines of a PEM key alone."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).replace("\\n", "\n").encode()


class Key:
    """A key with its object, and its id over a part of it or the whole."""

    def __init__(self, folder, kind, of_part=False, **fields):
        self.file = folder / f"{os.urandom(8).hex()}.key"
        self.kind = kind
        options = ["-algorithm", "ed25519"] if kind == "ed25519" else ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        subprocess.run(["openssl", "genpkey", *options, "-out", self.file], check=True, capture_output=True)
        pem = self.openssl("pkey", "-in", self.file, "-pubout").decode()
        if kind == "ed25519":
            public = self.openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")[-32:].hex()
            object_ = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public}}
        else:
            object_ = {"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": {"public": pem}}
        self.object = object_ | fields
        self.id = hashlib.sha256(canonical(object_ if of_part else self.object)).hexdigest()

    @staticmethod
    def openssl(*arguments):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout

    def sign(self, data):
        message = self.file.with_suffix(".message")
        message.write_bytes(data)
        if self.kind == "ed25519":
            made = self.openssl("pkeyutl", "-sign", "-rawin", "-in", message, "-inkey", self.file)
        else:
            made = self.openssl("dgst", "-sha256", "-sign", self.file, message)
        return {"keyid": self.id, "sig": made.hex()}


def root(people, service, targets=None, top=None, daily=None):
    """Signed by everybody; two must sign."""
    def role(keys, threshold, fields=None):
        return {"keyids": [key.id for key in keys], "threshold": threshold} | (fields or {})

    signed = {
        "_type": "root", "spec_version": "1.0.31", "version": 7, "expires": "2027-06-01T00:00:00Z", "consistent_snapshot": True,
        "keys": {key.id: key.object for key in [*people, service]},
        "roles": {
            "root": role(people, 2), "targets": role(targets or [service], 2 if targets else 1),
            "snapshot": role([service], 1, daily), "timestamp": role([service], 1, daily),
        },
    } | (top or {})
    return {"signatures": [key.sign(canonical(signed)) for key in people], "signed": signed}


class RotationTestCase(TestCase):
    def setUp(self):
        super().setUp()
        self.numbers = itertools.count()

    def draft(self, after, *options, out=None):
        """The script in a folder of its own, and how the program ended."""
        if out is None:
            folder = self.scratch / f"draft-{next(self.numbers)}"
            folder.mkdir()
            out = folder / "script.yaml"
        return out, run("tuf-ceremony", "draft", "rotation", "--after", after, *options, "--out", out, cwd=self.scratch)


class OwnCeremoniesTests(RotationTestCase):
    def held(self, script, *codes, after=None):
        folder = self.scratch / f"ceremony-{next(self.numbers)}"
        self.assertEnds(rehearse(folder, script, *(["--after", after] if after else [])), FINE)
        self.assertReplay(folder, FINE, *codes)
        opinion = second_opinion(folder)
        if opinion:
            self.assertEqual(opinion.returncode, FINE, opinion.stdout + opinion.stderr)
        return folder

    def test_a_history_that_nobody_typed(self):
        """Each script comes from the folder before; targets is signed again where too few of its keys stay."""
        first = folder = self.held(RUNBOOK / "pep458-genesis.yaml")
        for version, options, made, *codes in [
            (2, ["--leaves", "ada", "--reason", "lost", "--joins", "Ada"], {"2.root.json"}),
            (3, ["--leaves", "ada=left", "--leaves", "boris", "--reason", "routine", "--joins", "Boris", "--joins", "Gita",
                 "--targets", first / "metadata" / "1.targets.json"], {"3.root.json", "2.targets.json"}),
            (4, ["--without", "dalia", "--threshold", 2], {"4.root.json"}, "KEPT-KEY-UNPROVEN"),
        ]:
            with self.subTest(version):
                script, done = self.draft(folder, *options)
                self.assertEnds(done, FINE)
                self.assertEnds(run("tuf-ceremony", "check", script), LESS, "FOR REHEARSALS ONLY", "BASELINE-REHEARSAL")
                before = folder / "metadata" / f"{version - 1}.root.json"
                self.assertEqual((script.parent / before.name).read_bytes(), before.read_bytes())
                head = hashlib.sha256((folder / "transcript.jsonl").read_bytes().splitlines()[-1]).hexdigest()
                self.assertIn(f"  head: {head}\n", script.read_text())
                folder = self.held(script, *codes, after=folder)
                self.assertEqual({path.name for path in (folder / "metadata").iterdir()}, made)
        published = self.scratch / "published"
        published.mkdir()
        for file in self.scratch.glob("ceremony-*/metadata/*.root.json"):
            shutil.copy(file, published)
        chain = run("tuf-audit", "verify", published, "--rehearsal", "--trusted", first / "metadata" / "1.root.json")
        self.assertEnds(chain, FINE)
        self.assertIn("goes on to version 4", chain.stdout)

    def test_what_the_script_before_says_is_kept(self):
        text = (RUNBOOK / "root-only-genesis.yaml").read_text()
        text = text.replace("roles:\n  root:\n", "seal: 3\nabsent: enrolled\ncards: {pin-tries: 8, management-key: protected}\nroles:\n  root:\n    touch-policy: cached\n")
        shutil.copy(RUNBOOK / "online-stand-in.pem", self.scratch)
        genesis = self.scratch / "genesis.yaml"
        genesis.write_text(text)
        folder = self.held(genesis)
        script, done = self.draft(folder, "--joins", "Fatima")
        self.assertEnds(done, FINE)
        drafted = script.read_text()
        for line in ("  pin-tries: 8\n", "  management-key: protected\n", "    touch-policy: cached\n", "hand-over: [rstuf]\n", "\nseal: 3\n", "\nabsent: enrolled\n",
                     "repository: Python Package Index\n", "    file: online-stand-in.pem\n"):
            self.assertIn(line, drafted)
        self.assertTrue((script.parent / "online-stand-in.pem").exists())
        self.held(script, after=folder)

    def test_run_refuses_the_root_of_a_rehearsal(self):
        """Everything else about the script is real. Nothing is created, and no card is asked for."""
        service, genesis, out = (self.scratch / name for name in ("service.pem", "genesis.yaml", "out"))
        private = Key.openssl("genpkey", "-algorithm", "ed25519")
        service.write_bytes(subprocess.run(["openssl", "pkey", "-pubout"], input=private, capture_output=True, check=True).stdout)
        soon = f"{datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=300):%Y-%m-%dT00:00:00Z}"
        people = itertools.chain(*(("--keyholder", name) for name in ("Ada", "Boris", "Chandra")))
        self.assertEnds(run(
            "tuf-ceremony", "draft", "genesis", *people, "--threshold", 2, "--repository", "Example", "--title", "Genesis",
            "--administrator", "Ann", "--witness", "Will", "--expires", soon, "--online-key", service, "--out", genesis), FINE)
        genesis.write_text(genesis.read_text().replace("\ncards:\n", "\ncards:\n  attestation: optional\n"))
        self.assertEnds(run("tuf-ceremony", "check", genesis), FINE)
        script, done = self.draft(self.held(genesis), "--joins", "Dora", "--expires", soon)
        self.assertEnds(done, FINE)
        with Person("run", script, "--out", out) as person:
            status, seen = person.ends()
        self.assertEqual((status, re.findall("error ([A-Z0-9-]+)", seen)), (VIOLATION, ["BASELINE-REHEARSAL"]), seen)
        self.assertNotIn("> ", seen)
        self.assertFalse(out.exists())
        self.held(script, after=self.scratch / "ceremony-0")

    def test_a_folder_that_does_not_hold(self):
        folder = self.held(RUNBOOK / "first-rehearsal.yaml")
        record = folder / "transcript.jsonl"
        record.write_bytes(record.read_bytes().replace(b"Ada", b"Eve", 1))
        script, done = self.draft(folder)
        self.assertEnds(done, VIOLATION, "PREVIOUS-UNSOUND")
        self.assertFalse(script.exists())


class ForeignRootsTests(RotationTestCase):
    """Roots as tuf-on-ci, RSTUF and tough write them: what they say of people stands in the script, what they do not is
    marked, and every field is there again."""

    def rotated(self, made, *options):
        file = self.scratch / f"{next(self.numbers)}.json"
        file.write_text(json.dumps(made))
        script, done = self.draft(file, *options)
        self.assertEnds(done, FINE)
        self.assertEqual((script.parent / "7.root.json").read_bytes(), file.read_bytes())
        check = run("tuf-ceremony", "check", script, "--at", AT)
        self.assertEnds(check, LESS, "FOR REHEARSALS ONLY", "EXPIRY-RELATIVE", "“TO BE FILLED IN: repository”")
        return script.read_text(), check

    def test_tuf_on_ci(self):
        people = [Key(self.scratch, "p256", **{"x-tuf-on-ci-keyowner": f"@{name}"}) for name in ("ada", "boris", "chandra")]
        service = Key(self.scratch, "p256", **{"x-tuf-on-ci-online-uri": "gcpkms:projects/p"})
        periods = {"x-tuf-on-ci-expiry-period": 365, "x-tuf-on-ci-signing-period": 60}
        text, check = self.rotated(root(people, service, targets=people, top=periods, daily=periods))
        for key, name in zip(people, ("ada", "boris", "chandra")):
            self.assertIn(f'  {name}:\n    name: "@{name}"\n    card: record\n    key: "{key.id[:16]}"\n', text)
        self.assertEqual(text.count("x-tuf-on-ci-signing-period: 60"), 3)
        self.assertIn("  targets:\n    threshold: 2\n    keyholders: [ada, boris, chandra]\n", text)
        self.assertIn("algorithm: ecdsa-p256", text)
        self.assertIn("a digest is signed", check.stdout)

    def test_rstuf(self):
        people = [Key(self.scratch, "ed25519", of_part=True, **{"x-rstuf-key-name": name}) for name in ("Ada Lee", "Boris", "Zoe")]
        service = Key(self.scratch, "ed25519", of_part=True, **{"x-rstuf-online-key-uri": "fn:service"})
        text, _ = self.rotated(root(people, service), "--leaves", "boris=suspected", "--joins", "Boris")
        for key, id_, name in [(people[0], "ada", "Ada Lee"), (people[2], "zoe", "Zoe")]:
            self.assertIn(f'  {id_}:\n    name: {name}\n    card: record\n    key: "{key.id[:16]}"\n', text)
        self.assertIn('x-rstuf-key-name: "Boris"', text)
        self.assertIn("hand-over: [rstuf]", text)

    def test_tough(self):
        people = [Key(self.scratch, "ed25519") for _ in range(3)]
        text, check = self.rotated(root(people, Key(self.scratch, "ed25519")), "--leaves", f"{people[1].id[:12]}=firmware")
        self.assertEqual(check.stderr.count("SCRIPT-OPEN"), 6)
        self.assertIn(f"  key-{people[1].id[:8]}:\n    reason: firmware\n", text)
        self.assertIn(f"keyholders: [key-{people[0].id[:8]}, key-{people[2].id[:8]}]", text)

    def test_what_no_client_would_start_from(self):
        people = [Key(self.scratch, "ed25519") for _ in range(3)]
        sound = root(people, Key(self.scratch, "ed25519"))
        text = json.dumps(sound)
        for what, content in [
            ("truncated", text[:-9]), ("doubled", text.replace('"version": 7', '"version": 7, "version": 7')),
            ("one signature short", json.dumps(sound | {"signatures": sound["signatures"][:1]})), ("empty", ""),
            ("other bytes", text.replace("2027-06-01", "2028-06-01")), ("no root", '{"signatures": [], "signed": {}}'),
        ]:
            with self.subTest(what):
                file = self.scratch / "bad.json"
                file.write_text(content)
                script, done = self.draft(file)
                self.assertEnds(done, VIOLATION, "BASELINE-INVALID", "bad.json")
                self.assertEqual(list(script.parent.iterdir()), [])


class RefusalTests(RotationTestCase):
    def test_what_is_refused(self):
        for options, status, words in [
            (["--leaves", "ada"], USAGE, "add --reason"), (["--leaves", "ada", "--reason", "tired"], USAGE, "no reason"),
            (["--reason", "lost"], USAGE, "nobody leaves for it"), (["--threshold", 1], USAGE, "alone"),
            (["--elsewhere", "eve"], VIOLATION, "LEAVING-UNKNOWN"), (["--elsewhere", "service"], VIOLATION, "LEAVING-UNKNOWN"),
            (["--elsewhere", "ada", "--without", "ada"], VIOLATION, "LEAVING-UNKNOWN"),
            (["--leaves=eve=lost"], VIOLATION, "LEAVING-UNKNOWN"), (["--without", "eve"], VIOLATION, "LEAVING-UNKNOWN"),
            (["--algorithm", "rsa"], USAGE, "ecdsa-p256"), (["--joins", "Ada"], VIOLATION, "SCRIPT-NAME-REPEATED"),
            (["--threshold", 6], VIOLATION, "SCRIPT-THRESHOLD"), (["--expires", "2020-01-01T00:00:00Z"], VIOLATION, "EXPIRY-WINDOW"),
            (["--leaves=ada=lost", "--leaves=boris=lost", "--leaves=emeka=lost"], VIOLATION, "OLD-QUORUM"),
            (["--without", "ada", "--without", "boris", "--without", "emeka"], VIOLATION, "QUORUM-UNPROVEN"),
        ]:
            with self.subTest(options):
                script, done = self.draft(STAND_IN, *options)
                self.assertEnds(done, status, words)
                self.assertEqual(list(script.parent.iterdir()), [])
        self.assertEnds(self.draft(self.scratch / "none.json")[1], NO_INPUT, "UNREADABLE")

    def test_nothing_is_overwritten(self):
        for name in ("script.yaml", "1.root.json"):
            with self.subTest(name):
                folder = self.scratch / name
                folder.mkdir()
                (folder / name).write_text("mine")
                _, done = self.draft(STAND_IN, out=folder / "script.yaml")
                self.assertEnds(done, CANNOT_CREATE, "CANNOT-CREATE", name)
                self.assertEqual([path.name for path in folder.iterdir()], [name])
                self.assertEqual((folder / name).read_text(), "mine")
        # The very same root may be there.
        folder = self.scratch / "same"
        folder.mkdir()
        shutil.copy(STAND_IN, folder)
        self.assertEnds(self.draft(folder / "1.root.json", out=folder / "script.yaml")[1], FINE)

    def test_somebody_is_left_out_the_day_before(self):
        script, done = self.draft(STAND_IN)
        planned = hashlib.sha256(script.read_bytes()).hexdigest()
        script, done = self.draft(STAND_IN, "--without", "emeka")
        self.assertIn(f"SHA-256 with everybody:  {planned}\n", done.stdout)
        self.assertIn(f"SHA-256 without emeka:  {hashlib.sha256(script.read_bytes()).hexdigest()}\n", done.stdout)

    def test_a_suspected_quorum(self):
        options = itertools.chain.from_iterable(
            (f"--leaves={name.lower()}=suspected", f"--joins={name}") for name in ("Ada", "Boris", "Chandra"))
        script, done = self.draft(STAND_IN, *options)
        self.assertEnds(done, FINE)
        for words in (done.stdout, run("tuf-ceremony", "check", script).stdout):
            self.assertIn("No rotation helps: clients need a new root out of band.", words)

    def test_asked_one_by_one_at_a_terminal(self):
        out = self.scratch / "asked.yaml"
        with Person("draft", "rotation", "--after", STAND_IN, "--repository", "Example", "--out", out) as person:
            for question, answer in [
                ("at the keyboard: ", "Ann"), ("compares and confirms: ", "Will"), ("ada, boris, chandra, dalia, emeka, service", None),
                ("does any more: ", "eve"), ("That is none. Type one of the names above.", None), ("does any more: ", "emeka"), ("firmware, left): ", "left"),
                ("does any more: ", ""), ("does any more: ", "Fatima"), ("does any more: ", ""),
                ("00:00:00Z: ", "2027-12-01T00:00:00Z"),
            ]:
                person.sees(question)
                if answer is not None:
                    person.answers(answer)
            person.sees("written: ")
            person.sees("Next: ")
        text = out.read_text()
        self.assertIn("  emeka:\n    reason: left\n", text)
        self.assertIn("keyholders: [ada, boris, chandra, dalia, fatima]", text)


class ShippedScriptsTests(TestCase):
    """The rotation scripts of Runbook/ are what `draft rotation` writes, and each has its page."""

    def test_they_are_drafts(self):
        environment = os.environ | {"TUF_CEREMONY": program("tuf-ceremony")}
        subprocess.run([ROOT / "Fixtures" / "rotations", self.scratch], check=True, capture_output=True, env=environment)
        made = sorted(self.scratch.iterdir())
        self.assertGreater(len(made), 6)
        for file in made:
            with self.subTest(file.name):
                self.assertEqual(file.read_bytes(), (RUNBOOK / file.name).read_bytes())
        rotations = {path.name for path in shipped_rotations()}
        self.assertEqual(rotations, {file.name for file in made if file.suffix == ".yaml"})

    def test_what_waits_has_its_script_and_page(self):
        script = RUNBOOK / "collect.yaml"
        self.assertEnds(run("tuf-ceremony", "check", script, "--at", AT), LESS, "FOR REHEARSALS ONLY", "SCRIPT-OPEN")
        page = (RUNBOOK / "collect.md").read_text()
        for words in ("\n## Who\n", "\n## When\n", "\n## What can go wrong\n", "(collect.yaml)"):
            self.assertIn(words, page)
        done = rehearse(self.scratch / "held", script)
        self.assertEnds(done, VIOLATION, "PREVIOUS-MISSING")
        self.assertFalse((self.scratch / "held").exists())

    def test_the_root_before_them(self):
        self.assertEnds(run("tuf-audit", "verify", STAND_IN, "--at", AT), FINE)
        signed = json.loads(STAND_IN.read_text())["signed"]
        self.assertNotIn("x-tuf-ceremony-rehearsal", signed)

    def test_each_has_its_page_whose_command_makes_it(self):
        for script in shipped_rotations():
            with self.subTest(script.name):
                page = script.with_suffix(".md").read_text()
                for title in ("Who", "When", "What can go wrong"):
                    self.assertIn(f"\n## {title}\n", page)
                self.assertIn(f"({script.name})", page)
                self.assertIn(f"({script.stem}.md)", (RUNBOOK / "ROTATION.md").read_text())
                command = re.search(r"tuf-ceremony (draft rotation .*?)\n```", page, re.DOTALL)[1]
                folder = self.scratch / script.stem
                folder.mkdir()
                shutil.copy(STAND_IN, folder)
                title = re.search(r"^title: (.*)$", script.read_text(), re.MULTILINE)[1]
                done = run(
                    "tuf-ceremony", *shlex.split(command.replace("\\\n", " ")), "--title", title, "--repository",
                    "Example repository", "--administrator", "Administrator", "--witness", "Witness", cwd=folder)
                self.assertEnds(done, FINE)
                # A nonce is drawn anew each time.
                drafted, shipped = (re.sub(r'enrol: "[0-9a-f]{32}"', "enrol:", path.read_text())
                                    for path in (folder / script.name, script))
                self.assertEqual(drafted, shipped)
