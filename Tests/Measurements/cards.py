"""Cards behind a pcscd of their own: the programs beside pyscard, and how long a person waits."""
import json
import os
import subprocess

from bench import ROOT, Failed, Skipped, cells, row

UNAVAILABLE = 69


def through_pcscd(bench, what, runs):
    """What Tests/Measurements/served.py measured, once for all rows."""
    if not bench.python:
        raise Skipped("TUF_CEREMONY_PYTHON is not set")
    bench.program("tuf-ceremony")
    command = [ROOT / "Tests" / "pcscd", "--readers", "2", bench.python, "-B"]
    command += [ROOT / "Tests" / "Measurements" / "served.py", what, bench.measure, bench.scratch, str(runs)]
    environment = dict(os.environ, PROGRAMS=str(bench.programs))
    done = subprocess.run(
        list(map(str, command)), env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode == UNAVAILABLE:
        raise Skipped(done.stdout.strip())
    if done.returncode != 0:
        raise Failed((done.stderr.strip().splitlines() or ["nothing on stderr"])[-1][:200])
    return json.loads(done.stdout.splitlines()[-1])


@row("rehearsal through pcscd")
def rehearsal(bench):
    of = through_pcscd(bench, "rehearsal", bench.runs)
    ratio = of["ours"]["ms"] / of["pyscard"]["ms"]
    return cells(
        of["ours"], "at most 1.2 times pyscard", {"pyscard": of["pyscard"]},
        f"first-rehearsal unattended on two served cards, process start, records and products included; pyscard sends "
        f"the same {of['apdus']} APDUs to cards of the same kind, without its imports; {ratio:.2f} times",
        ratio <= 1.2)


@row("card to prompt")
def insertion(bench):
    of = through_pcscd(bench, "insertion", min(bench.runs, 5))
    return cells(
        of["ours"], "below 1 s", {},
        f"from a served card's connection to the reader to the prompt for its serial; {of['noticed']:.0f} ms of it "
        "pass before pcscd shows the card", of["ours"]["ms"] < 1000)
