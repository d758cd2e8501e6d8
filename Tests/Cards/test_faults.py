"""Everything that can go wrong between a card and pcscd, at any exchange of one keyholder's card of each kind."""

import collections
import json
import os
import random
import subprocess
import sys
import threading
import unittest

from profiles import MARKED
from served import PACKAGE, PATIENCE
from sweep import FULL, SEED

# Each with how many places are taken where not every one is.
FAULTS = {
    "status 6982": 4,
    "status 6600": 4,
    "status 6f00": 4,
    "status 63c2": 4,
    "status 6d00": 4,
    "truncated": 4,
    "garbage": 4,
    "nothing": 4,
    "wrong-signature": 8,
    "first-32-bytes": 4,
    "wrong-key": 6,
    "no-answer": 4,
    "never": 4,
    "pull": 6,
    # The rehearsal waits half a minute for a card that is dead.
    "mute": 2,
}
# How a replay calls what was not finished.
UNFINISHED = {"ABORTED", "CEREMONY-INCOMPLETE", "SEAL-MISSING", "SEAL-BELOW-THRESHOLD", "SEALING-GIVEN-UP"}


class Bench:
    """inject.py below a pcscd of its own, with cards of one kind."""

    def __init__(self, model):
        self.model = model
        self.cases = []
        here = os.path.dirname(os.path.abspath(__file__))
        self.process = subprocess.Popen(
            [os.path.join(PACKAGE, "Tests", "pcscd"), "--readers", "2", sys.executable, os.path.join(here, "inject.py"), model],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
        )

    def rehearse(self, **case):
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the bench broke at {case}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Faults(unittest.TestCase):
    def test_every_fault_at_exchanges_of_every_kind_of_card(self):
        dice = random.Random(SEED)
        benches = [Bench(model) for model in MARKED]
        for bench in benches:
            # The first finds new cards, those after it find what the one before left.
            bench.rehearse()
            clean = bench.rehearse()
            self.assertEqual((clean["status"], clean["replay"], clean["accepted"]), (0, [], True), clean)
            bench.exchanges = clean["exchanges"]
            self.assertGreater(bench.exchanges, 70, bench.model)
        # Every exchange of every kind of card; which fault meets which card there, the seed decides.
        for fault, count in FAULTS.items():
            for place, bench in enumerate(dice.sample(benches, len(benches))):
                every = range(bench.exchanges)
                places = every[place::len(benches)] if FULL else sorted(dice.sample(every, -(-(count - place) // len(benches))))
                bench.cases += [(fault, after) for after in places]
        cases = [case for bench in benches for case in bench.cases]
        results = self.carry_out(benches)

        self.assertEqual(len(results), len(cases))
        for result in results:
            with self.subTest(model=result["model"], fault=result["fault"], after=result["after"]):
                self.judge(result)
        completed = [result for result in results if result["status"] == 0]
        named = collections.Counter((result["codes"] or ["the seal"])[0] for result in results if result["status"])
        happened = sum(result["happened"] for result in results)
        print(
            f"faults through pcscd: {len(results)} runs, {happened} of them met their fault, {len(completed)} completed, "
            f"{sum(named.values())} ended with a named finding: {dict(named.most_common())}; "
            f"{', '.join(f'{bench.model} {bench.exchanges}' for bench in benches)} exchanges, seed {SEED}", flush=True)
        self.assertTrue(completed)
        self.assertGreater(happened, len(results) // 2)

    def judge(self, result):
        """Completed and sound, or ended with a name; and nothing wrong was made."""
        self.assertIn(result["status"], (0, 1, 4, 5), result)
        self.assertEqual(result.get("leaks", []), [])
        if result["root"]:
            self.assertIs(result["accepted"], True, result)
        if result["status"] == 0:
            self.assertTrue(result["root"], result)
            self.assertEqual(result["replay"], [], result)
        else:
            # 4 is a seal that was given up: the ceremony itself is complete.
            self.assertTrue(result["codes"] or (result["status"] == 4 and result["root"]), result)
            self.assertNotIn("INTERNAL", result["codes"])
            self.assertLessEqual(set(result["replay"]), UNFINISHED, result)

    def carry_out(self, benches):
        results, broken = [], []

        def work(bench):
            try:
                for fault, after in bench.cases:
                    results.append(bench.rehearse(fault=fault, after=after) | {"model": bench.model})
            except Exception as error:
                broken.append(error)

        threads = [threading.Thread(target=work, args=[bench]) for bench in benches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for bench in benches:
            bench.close()
        self.assertEqual(broken, [])
        return results
