"""What README, ARCHITECTURE and CONTRIBUTING say, against the tree."""
import importlib.machinery
import importlib.util
import pathlib
import re
import unittest

from programs import ROOT


def loaded(path):
    """A Python program of the tests as a module."""
    loader = importlib.machinery.SourceFileLoader(path.stem, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


architecture = loaded(ROOT / "Tests" / "architecture")

ARCHITECTURE = (ROOT / ".github" / "ARCHITECTURE.md").read_text()


class ArchitectureTests(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.targets = architecture.targets()

    def test_the_picture_is_as_package_swift_has_it(self):
        self.assertEqual(architecture.PICTURE.findall(ARCHITECTURE), [architecture.picture(self.targets)],
                         "Tests/architecture --write draws it anew")

    def test_the_table_names_every_target(self):
        table = ARCHITECTURE.split("| target in `Sources/`")[1].split("\n\n")[0]
        named = {name for row in table.splitlines()[2:] for name in re.findall(r"`([\w-]+)`", row.split("|")[1])}
        libraries = {name for name in self.targets if (ROOT / "Sources" / name / "module.modulemap").exists()}
        self.assertEqual(named, set(self.targets) - libraries)

    def test_a_picture_keeps_what_can_be_reached(self):
        arrows = {"a-b": {"c", "d", "e"}, "c": {"d"}, "d": {"e"}, "e": set(), "f": {"e", "c"}}
        self.assertEqual(architecture.picture(arrows), """flowchart TD
  a_b["a-b"] --> c
  c --> d
  d --> e
  e
  f --> c
""")


class PagesTests(unittest.TestCase):
    def test_every_link_of_a_page_leads_to_a_file(self):
        pages = [ROOT / "README.md", *ROOT.glob(".github/*.md"), *ROOT.glob("Runbook/*.md"), *ROOT.glob("Runbook/release/*.md")]
        links = [(page, link) for page in pages
                 for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())]
        self.assertTrue(links)
        for page, link in links:
            with self.subTest(page=page.name, link=link):
                self.assertTrue((page.parent / link).exists())


class NewcomerTests(unittest.TestCase):
    """A kind of step is added by CONTRIBUTING.md alone; Tests/Newcomer/newcomer also builds and runs it."""

    def setUp(self):
        self.step = loaded(ROOT / "Tests" / "Newcomer" / "step.py")

    def test_it_can_still_be_added(self):
        for path, old, _ in self.step.EDITS:
            with self.subTest(path=path, old=old):
                self.assertEqual((ROOT / path).read_text().count(old), 1)
        self.assertEqual([path for path in self.step.FILES if (ROOT / path).exists()], [])

    def test_contributing_names_every_file_that_it_touches(self):
        named = set(re.findall(r"\]\(\.\./([^)#]+)\)", (ROOT / ".github" / "CONTRIBUTING.md").read_text()))
        folders = {str(pathlib.PurePath(path).parent) for path in self.step.FILES}
        self.assertEqual([path for path in self.step.touched() if path not in self.step.FILES and path not in named], [])
        self.assertEqual([path for path in folders if path not in named], [])
