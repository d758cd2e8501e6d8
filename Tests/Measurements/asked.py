"""What a card of each served kind is asked before a ceremony changes anything on it, and what it answers, as a table.

    Tests/pcscd --readers 2 PYTHON Tests/Measurements/asked.py

Each kind has a rehearsal of its own, of which the records of one card are read up to the first command that changes
something. A cell is the status word and, where there are any, how many bytes came before it.
"""
import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "Tests" / "Cards"))
from profiles import EVERY  # noqa: E402
from served import records  # noqa: E402
from test_profiles import Profiles, cases  # noqa: E402

NAMES = {
    "a4": "SELECT", "cb": "GET DATA", "20": "VERIFY, empty", "f7": "metadata", "f8": "serial", "f9": "attest",
    "fa": "set tries, without PIN", "fb": "RESET, tries left", "fd": "version", "ff": "set management key, no data",
    "f6": "delete, unauthenticated", "c0": "GET RESPONSE", "87": "factory management key", "47": "GENERATE",
}
# From here on something on the card is another than before.
CHANGING = {"try-keys", "reset"}


def heard(out):
    """Of the first card: task, command and answer, in their order, until something is to be changed on it."""
    task, command = None, None
    for record in records(out):
        body = record["body"]
        if record["kind"] == "operation":
            task = body["task"]
            if task in CHANGING:
                return
        elif record["kind"] == "command" and record["step"].startswith("card-ada/"):
            command = body["apdu"]
        elif record["kind"] == "response" and command:
            data = body.get("data", "")
            yield task, command, body.get("sw", body.get("failure")) + (f" ({len(data) // 2})" if data else "")
            command = None
        elif record["kind"] == "exception":
            # What follows asks all of it again.
            return


def main():
    table, count = {}, {}
    for place, model in enumerate(EVERY):
        case = next(case for case in cases() if case[0] == model and (case[3] is None or model == "minimal"))
        bench = Profiles()
        with tempfile.TemporaryDirectory() as bench.folder:
            bench.hold(place, *case)
            out = sorted(pathlib.Path(bench.folder).glob(f"{model}-*"))[-1]
            asked = list(heard(out))
        count[model] = len(asked)
        seen = {}
        for task, command, answer in asked:
            # The same question asked of many slots, or again, is one row.
            key = (task, command)
            seen[key] = seen.get(key, 0) + 1
            table.setdefault((*key, seen[key]), {})[model] = answer
    print(f"| for | command | | {' | '.join(EVERY)} |")
    print(f"|---|---|---|{'---|' * len(EVERY)}")
    folded = {}
    for (task, command, _), answers in table.items():
        row = (task, NAMES.get(command[2:4], "?"), *(answers.get(model, "") for model in EVERY))
        folded.setdefault(row, []).append(command)
    for (task, name, *answers), commands in folded.items():
        shown = commands[0] if len(commands) == 1 else f"{commands[0]} … {commands[-1]}, {len(commands)}"
        print(f"| {task} | {shown} | {name} | {' | '.join(answers)} |")
    print(f"| | | exchanges | {' | '.join(str(count[model]) for model in EVERY)} |")


main()
