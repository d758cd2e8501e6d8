"""Texts at the edges of YAML, and what the second verifier's reader makes of each.

usage: yaml_edges.py RUNBOOK COUNT SEED
Prints a JSON list of [text, tree]; the tree is null where the text is refused. A scalar is [text, whether it is plain], a
list {"list": […]}, a mapping {"map": [[name, tree], …]}.
"""
import json
import random
import sys

sys.dont_write_bytecode = True
runbook, count, seed = sys.argv[1:]
sys.path.insert(0, runbook)
import verify_transcript as second

dice = random.Random(seed)
BITS = [
    "a", "b", " ", "  ", "\n", "\n  ", "\n    ", "\t", ": ", ":", "- ", "-", "? ", "?", ", ", ",", "[", "]", "{", "}", "#",
    " #", "'", '"', "|", "|\n", ">", "|-", "|2", "&a", "*a", "!", "!!str", "%", "@", "`", "~", "null", "<<", "\\", "\\n",
    "\\x41", "\\u2028", "\\ud800", "\\/", "\u00a0", "\ufffe", "\u2028", "\x01", "...", "---", "\n---\n", "\n...\n", "\u00e9",
    "e\u0301", "1", "0x1", "=", "x: y", "[a: b]", "{a, b}", "\U0001f600", "\\\n", "''", '""', "\r\n", "\r", "? a\n: b",
    "[c ? d]", "key: >\n  text\n", "- - a", "a: &x b", "{a: b, a: c}",
]
FRAMES = ["top: %s\n", "top: [%s]\n", "top: {%s}\n", "top:\n  in: %s\nend: x\n", "top:\n- %s\n- b\n", "%s", '"%s": x\n']


def tree(part):
    if isinstance(part.value, str):
        return [part.value, part.is_plain]
    if isinstance(part.value, list):
        return {"list": [tree(item) for item in part.value]}
    return {"map": [[name, tree(item)] for name, item in part.value.items()]}


def read(text):
    try:
        found = tree(second.read_yaml(text.encode()))
        json.dumps(found).encode()
        second.canonical(found)
        return found
    except (second.Wrong, ValueError):
        return None


cases = []
while len(cases) < int(count):
    text = dice.choice(FRAMES) % "".join(dice.choice(BITS) for _ in range(dice.randrange(1, 9)))
    cases.append([text, read(text)])
sys.stdout.buffer.write(second.canonical(cases))
