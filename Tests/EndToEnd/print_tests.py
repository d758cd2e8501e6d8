"""The paper form, as somebody prints it before the day, and fills it in afterwards."""
import datetime
import hashlib
import os
import re
import shutil
import subprocess

from programs import CANNOT_CREATE, FINE, FIRST, NO_INPUT, VIOLATION, TestCase, program, rehearse, run

SCRIPT = FIRST.read_text()
DIGEST = hashlib.sha256(FIRST.read_bytes()).hexdigest()


class PrintTests(TestCase):
    def test_a_form_on_standard_output_or_in_a_file(self):
        for form, start in [("html", "<!DOCTYPE html>\n"), ("md", "# First rehearsal\n")]:
            with self.subTest(form):
                done = run("tuf-ceremony", "print", FIRST, "--format", form)
                # What keeps it from the real ceremony is said, and is no reason not to print it.
                self.assertEnds(done, FINE, "FOR REHEARSALS ONLY", "EXPIRY-RELATIVE")
                self.assertTrue(done.stdout.startswith(start))
                self.assertIn("FOR REHEARSALS ONLY", done.stdout)
                self.assertIn(DIGEST, done.stdout)
                out = self.scratch / form
                written = run("tuf-ceremony", "print", FIRST, "--format", form, "--out", out)
                self.assertEnds(written, FINE)
                self.assertEqual((written.stdout, out.read_text()), ("", done.stdout))
        self.assertTrue(run("tuf-ceremony", "print", FIRST).stdout.startswith("<!DOCTYPE html>\n"))

    def test_a_script_that_is_fit_for_the_day(self):
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=200)
        service = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        script = re.sub("ed25519: .*", f"ed25519: {service}", SCRIPT)
        script = script.replace("      days: 7\n", "").replace(
            "    expires:\n", f"    expires: {expires:%Y-%m-%dT%H:%M:%SZ}\n") + "cards: {attestation: optional}\n"
        path = self.scratch / "script.yaml"
        path.write_text(script)
        done = run("tuf-ceremony", "print", path)
        self.assertEnds(done, FINE)
        self.assertIn("warning QUORUM-WITHOUT-SPARE", done.stderr)
        self.assertNotIn("error", done.stderr)
        self.assertNotIn("FOR REHEARSALS ONLY", done.stdout)
        self.assertIn("real ceremony", done.stdout)
        # The same long after its expiry: no ceremony can be held by it.
        path.write_text(script.replace(f"{expires:%Y}-", "2020-"))
        out = self.scratch / "form.html"
        self.assertEnds(run("tuf-ceremony", "print", path, "--out", out), VIOLATION, "error EXPIR", "\n  → ")
        self.assertFalse(out.exists())

    def test_an_output_that_exists_is_not_touched(self):
        (self.scratch / "file").write_text("mine")
        (self.scratch / "link").symlink_to("nowhere")
        for name in ["file", "link", "no/folder/here"]:
            with self.subTest(name):
                done = run("tuf-ceremony", "print", FIRST, "--out", self.scratch / name)
                self.assertEnds(done, CANNOT_CREATE, "CANNOT-CREATE", name)
        self.assertEqual((self.scratch / "file").read_text(), "mine")
        self.assertFalse((self.scratch / "nowhere").exists())

    def test_a_form_filled_in(self):
        folder = self.scratch / "folder"
        self.assertEnds(rehearse(folder, FIRST, "--seed", 1), FINE)
        before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
        done = run("tuf-ceremony", "print", folder / "script.yaml", "--filled", folder)
        self.assertEnds(done, FINE)
        self.assertEqual(done.stderr, "")
        for words in ["REHEARSAL: nothing", "REPLAYED", "2026-01-01T<wbr>00:00:00Z"]:
            self.assertIn(words, done.stdout)
        self.assertRegex(done.stdout, r"(\d+) of \1 steps began\.")
        self.assertEqual(before, sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")))
        # The scan of the paper belongs into the annex, and changes nothing.
        (folder / "annex").mkdir()
        (folder / "annex" / "form.pdf").write_text("scanned")
        self.assertEqual(run("tuf-ceremony", "print", FIRST, "--filled", folder).stdout, done.stdout)

        other = self.scratch / "other.yaml"
        other.write_text(SCRIPT + "\n")
        out = self.scratch / "form.html"
        for what, script, path, status, code in [
            ("another script", other, folder, VIOLATION, "SCRIPT-CHANGED"),
            ("no folder", FIRST, self.scratch / "nowhere", NO_INPUT, "UNREADABLE"),
            ("a file", FIRST, FIRST, NO_INPUT, "UNREADABLE"),
        ]:
            with self.subTest(what):
                done = run("tuf-ceremony", "print", script, "--filled", path, "--out", out)
                self.assertEnds(done, status, f"error {code}", "\n  → ")
                self.assertFalse(out.exists())
        changed = self.scratch / "changed"
        shutil.copytree(folder, changed)
        transcript = changed / "transcript.jsonl"
        transcript.write_bytes(transcript.read_bytes().replace(b'"accepted":"here"', b'"accepted":"hexe"', 1))
        done = run("tuf-ceremony", "print", FIRST, "--filled", changed, "--out", out)
        self.assertEnds(done, VIOLATION, "error ", "transcript.jsonl", "\n  → ")
        self.assertFalse(out.exists())

    def test_what_is_no_file_is_refused_by_name(self):
        whole, folder, out = self.scratch / "whole", self.scratch / "folder", self.scratch / "form.html"
        self.assertEnds(rehearse(whole, FIRST, "--seed", 1), FINE)

        def link(path):
            path.rename(self.scratch / "kept")
            path.symlink_to(self.scratch / "kept")

        def pipe(path):
            path.unlink()
            os.mkfifo(path)

        names = ["script.yaml", "transcript.jsonl", "sealing.jsonl", "metadata/1.root.json", "seal.dsse.json",
                 "report.html", "SHA256SUMS", "REHEARSAL"]
        for name in names:
            for change in link, pipe:
                with self.subTest(name, change=change.__name__):
                    shutil.copytree(whole, folder)
                    change(folder / name)
                    done = run("tuf-ceremony", "print", FIRST, "--filled", folder, "--out", out)
                    self.assertEnds(done, VIOLATION, f"error FILE-REFUSED ({name})", "\n  → ")
                    self.assertFalse(out.exists())
                    shutil.rmtree(folder)
        for change in (lambda: os.mkfifo(folder), lambda: folder.symlink_to("nowhere")):
            change()
            done = run("tuf-ceremony", "print", FIRST, "--filled", folder, "--out", out)
            self.assertEnds(done, NO_INPUT, f"error UNREADABLE ({folder})", "\n  → ")
            folder.unlink()
        # Nor is anything raw in what is said of a folder's content.
        shutil.copytree(whole, folder)
        (folder / "\x1b[2J\u202e##[error]").write_text("")
        done = run("tuf-ceremony", "print", FIRST, "--filled", folder, "--out", out)
        self.assertEnds(done, VIOLATION, "error FILE-UNKNOWN", "\\u{1b}[2J\\u{202e}\\u{23}#[error]")
        for raw in "\x1b", "\u202e", "##[":
            self.assertNotIn(raw, done.stderr)

    def test_nobody_can_take_it(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [program("tuf-ceremony"), "print", str(FIRST)], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEnds(done, CANNOT_CREATE, "CANNOT-CREATE", "standard output")
