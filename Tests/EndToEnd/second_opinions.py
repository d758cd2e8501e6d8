"""What others say of ceremonies, in one process for all of them, because it starts slowly.

usage: second_opinions.py DIR…

A line for each products folder: `[status, words, root]`, what Runbook/verify_transcript.py says of it, and what python-tuf
says against its root, or nothing.
"""
import contextlib
import io
import json
import pathlib
import sys

from tuf.api.metadata import Metadata, Root

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "Runbook"))
import verify_transcript  # noqa: E402


def against_root(path):
    try:
        root = Metadata[Root].from_file(str(path))
        root.verify_delegate("root", root)
    except Exception as error:  # Whatever it does not take is an answer.
        return f"{type(error).__name__}: {error}"
    return None


for folder in map(pathlib.Path, sys.argv[1:]):
    words = io.StringIO()
    if (folder / "transcript.jsonl").exists():
        with contextlib.redirect_stdout(words):
            status = verify_transcript.main([str(folder)])
    else:
        status = None
    print(json.dumps([status, words.getvalue(), against_root(folder / "metadata" / "1.root.json")]))
