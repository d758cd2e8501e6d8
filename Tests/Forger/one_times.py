"""Records of one-time keys that stand in other steps than the script has them made, used and wiped in.

usage: one_times.py FOLDER OUT RUNBOOK
Writes each forgery to OUT/NUMBER, and prints a JSON list of [what, place]; place is "" where the folder holds.
"""
import json
import sys

sys.dont_write_bytecode = True
from forger import Cases, Folder

source, out, _ = sys.argv[1:]
whole, cases = Folder(source), Cases(out, 1)
# The close record says where the keys come from, which nothing here changes.
whole.is_said = True


def case(what, step=None, **body):
    """The last record of one-time keys with these members stands in another step."""
    moved = None if step is None else whole.transcript[whole.first("one-time", last=True, **body)]["body"]

    def forged():
        folder = whole.copy()
        for record in folder.transcript:
            if record["body"] == moved:
                assert record["step"] != step
                record["step"] = step
        return folder.finish()

    def place(folder):
        lines = map(json.loads, folder.files["transcript.jsonl"].splitlines())
        return "".join(f"transcript.jsonl record {line['seq']}" for line in lines if line["body"] == moved)
    cases.add(what, place, forged)


case("nothing is forged")
case("a key is made where those of another role are", "make-bins", work="make", role="targets")
case("a key is made where it signs", "use-bins", work="make", role="bins")
case("a key is made where a card signs", "sign-root-ada", work="make", role="bins")
case("a key is made in no step", "", work="make", role="bins")
case("a key is made in a step that the script does not have", "make-more", work="make", role="bins")
case("a key signs where those of another role do", "use-bins", work="sign", role="targets")
case("a key signs where it was made", "make-targets", work="sign", role="targets")
case("a key signs where it is shown what is signed", "show-bins", work="sign", role="bins")
case("all are wiped where some signed", "use-bins", work="wipe")
case("all are wiped where some were made", "make-targets", work="wipe")
case("all are wiped in no step", "", work="wipe")
print(json.dumps(cases))
