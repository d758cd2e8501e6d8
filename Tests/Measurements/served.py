"""Measures with served cards, inside Tests/pcscd; the last line of stdout is a JSON object.

  served.py rehearsal|insertion MEASURE SCRATCH RUNS
"""
import json
import pathlib
import statistics
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "Cards"))
sys.path.insert(1, str(ROOT / "Tests" / "Measurements"))
from bench import fsyncs, tracing  # noqa: E402
from served import CEREMONY, ServedCard, Terminal, reader  # noqa: E402

SCRIPT = ROOT / "Runbook" / "first-rehearsal.yaml"


def medians(results):
    figures = {key: statistics.median(result[key] for result in results) for key in ("ms", "mb")}
    return figures | {"best": min(result["ms"] for result in results)}


def measured(measure, scratch, command):
    figures = scratch / "served-figures"
    done = subprocess.run(
        [measure, figures, *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit((done.stdout + done.stderr)[-2000:])
    nanoseconds, kilobytes = map(int, figures.read_text().split())
    return {"ms": nanoseconds / 1e6, "mb": kilobytes / 1024, "out": done.stdout}


def on_new_cards(serial, use):
    """Two cards that nobody had before, in readers while `use` runs."""
    cards = [ServedCard(place, serial + place) for place in range(2)]
    try:
        return use()
    finally:
        for card in cards:
            card.take_out()


def rehearsal(measure, scratch, runs):
    ours, peers = [], []
    for run in range(runs + 1):
        out = scratch / f"served-{run}"
        command = [CEREMONY, "rehearse", SCRIPT, "--unattended", "--cards", "pcsc", "--out", out]
        one = on_new_cards(20000400, lambda: measured(measure, scratch, command))
        again = [sys.executable, "-B", ROOT / "Tests" / "Peers" / "send_apdus.py", out]
        other = on_new_cards(20000400, lambda: measured(measure, scratch, again))
        counted = json.loads(other["out"])
        if run > 0:
            ours.append(one)
            peers.append(other | {"ms": counted["ms"]})
    # Apart, because a traced program is a slower one.
    trace, out = scratch / "served-fsyncs", scratch / "served-traced"
    command = [*tracing(trace), CEREMONY, "rehearse", SCRIPT, "--unattended", "--cards", "pcsc", "--out", out]
    on_new_cards(20000400, lambda: measured(measure, scratch, command))
    count, took = fsyncs(trace)
    return {
        "ours": medians(ours), "pyscard": medians(peers), "apdus": counted["apdus"], "fsyncs": count, "fsync_ms": took}


def insertion(measure, scratch, runs):
    waits, notices = [], []
    for run in range(runs):
        terminal = Terminal("rehearse", SCRIPT, "--cards", "pcsc", "--out", scratch / f"inserted-{run}")
        terminal.expect("Are the digests the same?")
        terminal.type("confirm")
        terminal.expect("Said?")
        terminal.type("next")
        terminal.expect("No card is in a reader.")
        shown = threading.Event()
        watch = threading.Thread(target=shows_a_card, args=[shown, notices])
        watch.start()
        shown.wait()
        card = ServedCard(0, 20000410 + run, waits=False)
        plugged = time.monotonic()
        terminal.expect("Type the serial that Ada reads aloud")
        waits.append({"ms": (time.monotonic() - plugged) * 1000, "mb": 0})
        watch.join()
        notices[-1] = (notices[-1] - plugged) * 1000
        terminal.interrupt()
        terminal.finish()
        card.take_out()
    return {"ours": medians(waits), "noticed": statistics.median(notices)}


def shows_a_card(ready, notices):
    """Notes when pcscd says that a card is in the first reader."""
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    state = scard.SCARD_STATE_UNAWARE
    while True:
        found = scard.SCardGetStatusChange(context, 10_000, [(reader(0), state)])[1]
        ready.set()
        if found and found[0][1] & scard.SCARD_STATE_PRESENT:
            notices.append(time.monotonic())
            break
        state = found[0][1]
    scard.SCardReleaseContext(context)


what, measure, scratch, runs = sys.argv[1:]
print(json.dumps({"rehearsal": rehearsal, "insertion": insertion}[what](measure, pathlib.Path(scratch), int(runs))))
