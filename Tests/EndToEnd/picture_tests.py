"""The picture in README: a terminal in the middle of a real rehearsal, drawn by Fixtures/stage-picture."""
import os
import re
import subprocess
import unittest
import xml.etree.ElementTree as xml

from programs import ROOT, TestCase, program

PYTHON = os.environ.get("TUF_CEREMONY_PYTHON")
PICTURE = ROOT / "Fixtures/stage.svg"


def emulates():
    return PYTHON and subprocess.run([PYTHON, "-c", "import pyte"], capture_output=True).returncode == 0


def words(picture):
    """What somebody reads in it, a line for each row of the terminal."""
    rows = {}
    for text in xml.parse(picture).getroot().iter("{http://www.w3.org/2000/svg}text"):
        rows.setdefault(int(text.get("y")), []).append((float(text.get("x")), text.text))
    return "\n".join(" ".join(text for _, text in sorted(row)) for _, row in sorted(rows.items()))


class PictureTests(TestCase):
    def assertShows(self, picture):
        shown = words(picture)
        for each in ["REHEARSAL", "Boris signs root", "root, the signed part", "differs", ">"]:
            self.assertIn(each, shown)
        self.assertRegex(shown, r"1 of 2")
        self.assertLess(picture.stat().st_size, 40_000)
        self.assertNotRegex(picture.read_text(), r"(?i)<script|href=|/home/|/root/")

    def test_the_one_that_is_shown(self):
        self.assertShows(PICTURE)
        self.assertEqual(len(re.findall(r"\]\(Fixtures/stage\.svg\)", (ROOT / "README.md").read_text())), 1)

    @unittest.skipUnless(emulates(), "pyte is not there")
    def test_it_can_be_drawn_anew(self):
        out = self.scratch / "stage.svg"
        done = subprocess.run(
            [PYTHON, str(ROOT / "Fixtures/stage-picture"), "--out", str(out)],
            env=os.environ | {"TUF_CEREMONY": program("tuf-ceremony")}, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertShows(out)
