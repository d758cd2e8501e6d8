"""What README says of the targets, against Package.swift."""
import importlib.machinery
import importlib.util
import re
import unittest

from programs import ROOT

loader = importlib.machinery.SourceFileLoader("architecture", str(ROOT / "Tests" / "architecture"))
architecture = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
loader.exec_module(architecture)

README = (ROOT / "README.md").read_text()


class ArchitectureTests(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.targets = architecture.targets()

    def test_the_picture_is_as_package_swift_has_it(self):
        self.assertEqual(architecture.PICTURE.findall(README), [architecture.picture(self.targets)],
                         "Tests/architecture --write draws it anew")

    def test_the_table_names_every_target(self):
        table = README.split("| target in `Sources/`")[1].split("\n\n")[0]
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


if __name__ == "__main__":
    unittest.main()
