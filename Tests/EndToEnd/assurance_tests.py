"""Runbook/ASSURANCE.md: everything that it names is there, and what is taken out for it is on the page."""
import re
import sys

from programs import ROOT, RUNBOOK, TestCase

sys.path.insert(0, str(ROOT / "Tests/Assurance"))
from protections import PROTECTIONS

PAGE = RUNBOOK / "ASSURANCE.md"


def rows():
    """Claim, code, test and what is compared out of band, of each row."""
    for line in PAGE.read_text().splitlines():
        if line.startswith("| ") and not line.startswith("| claim |"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


class AssuranceTests(TestCase):
    def test_every_path_is_there(self):
        paths = [name for row in rows() for name in names(" ".join(row[1:3])) if "/" in name]
        self.assertGreater(len(paths), 40)
        for path in paths:
            self.assertTrue((ROOT / path).is_file(), path)
        for target in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text()):
            self.assertTrue((RUNBOOK / target).exists(), target)

    def test_every_row_names_code_a_test_and_what_to_compare(self):
        for claim, code, test, compare in rows():
            with self.subTest(claim):
                self.assertTrue(names(code) and all(name.startswith(("Sources/", "Runbook/")) for name in names(code)))
                self.assertTrue(compare)
                found = names(test)
                self.assertTrue(found and found[0].startswith("Tests/") and "/" not in found[-1], test)
                for name in found:
                    if name.startswith("Tests/"):
                        text = (ROOT / name).read_text()
                    else:
                        self.assertRegex(text, rf"(func|def) `?{re.escape(name)}`?\(", test)

    def test_what_is_taken_out_is_on_the_page_with_its_test(self):
        said = {word: row for row in rows() for word in re.findall(r"\[([a-z-]+)\]", row[0])}
        self.assertEqual(set(said), {name for name, *_ in PROTECTIONS})
        self.assertGreaterEqual(len(said), 10)
        for name, path, old, new, test in PROTECTIONS:
            with self.subTest(name):
                self.assertEqual((ROOT / path).read_text().count(old), 1, path)
                self.assertNotEqual(old, new)
                self.assertIn(path, names(said[name][1]))
                self.assertIn(re.split("[./]", test)[-1], names(said[name][2]))

    def test_what_is_not_claimed_is_said(self):
        words = " ".join(PAGE.read_text().partition("## What is not claimed")[2].split())
        for word in ("cards in plastic", "nothing else was signed", "When a key was made", "Who typed"):
            self.assertIn(word, words)
