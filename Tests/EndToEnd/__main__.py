"""Runs both built programs from outside, as people do.

  python3 Tests/EndToEnd [COUNTS] [-k PATTERN]

The programs of `swift build -c release` must be there and, for what both builds must agree on, of `swift build`.
Writes `passed failed skipped` to the file COUNTS.
"""
import pathlib
import sys
import unittest

arguments = sys.argv[1:]
patterns = None
if "-k" in arguments:
    at = arguments.index("-k")
    patterns = [f"*{arguments[at + 1]}*"]
    del arguments[at:at + 2]

loader = unittest.TestLoader()
loader.testNamePatterns = patterns
suite = loader.discover(str(pathlib.Path(__file__).parent), pattern="*_tests.py")
result = unittest.TextTestRunner(verbosity=2 if patterns else 1).run(suite)
for test, reason in result.skipped:
    print(f"SKIPPED 1 {test}: {reason}")
failed = len({test.id().split(" (")[0] for test, _ in result.failures + result.errors})
skipped = len(result.skipped)
if arguments:
    pathlib.Path(arguments[0]).write_text(f"{result.testsRun - failed - skipped} {failed} {skipped}\n")
sys.exit(not result.wasSuccessful())
