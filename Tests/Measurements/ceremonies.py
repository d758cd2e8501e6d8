"""Ceremonies: holding one, recording it, and holding it again."""
import json
import pathlib
import statistics
import sys

from bench import GENERATORS, PEERS, ROOT, cells, fsyncs, row, tracing


def rehearse(bench, out, *arguments):
    """The command of an unattended rehearsal whose folder has this name."""
    program = bench.program("tuf-ceremony")
    return [program, "rehearse", *map(str, arguments), "--out", str(bench.scratch / out), "--unattended", "--seed", "1"]


def rehearsed(bench, name, *arguments):
    """The figures of rehearsals, and in words how many fsyncs one has and how long they take."""
    of = bench.turns(ours=lambda run: rehearse(bench, f"{name}-{run}", *arguments))
    # Apart, because a traced program is a slower one; the time is what the system took for the calls.
    trace = bench.scratch / "fsync.txt"
    bench.once(tracing(trace) + rehearse(bench, f"{name}-traced", *arguments))
    count, took = fsyncs(trace)
    return of["ours"], f"{count} fsyncs that take {took:.0f} ms"


@row("rehearsal")
def rehearsal(bench):
    ours, synced = rehearsed(bench, "rehearsal")
    return cells(
        ours, "below 500 ms and 60 MB", {}, f"pep458-genesis unattended; {synced}", ours["ms"] < 500 and ours["mb"] < 60)


@row("rehearsed rotation")
def rotation(bench):
    genesis, script = bench.scratch / "founded", bench.scratch / "rotation"
    bench.once(rehearse(bench, genesis.name, ROOT / "Runbook" / "root-only-genesis.yaml"))
    bench.once([sys.executable, "-B", str(GENERATORS / "rotation.py"), str(genesis), str(script)])
    ours, synced = rehearsed(bench, "rotated", script / "rotation.yaml", "--after", genesis)
    return cells(
        ours, "below 600 ms", {},
        f"3 of 5 unattended: four keys prove that they still sign, one is made, one leaves; {synced}", ours["ms"] < 600)


def long_ceremony(bench, records):
    """The folder of a completed rehearsal with about that many records; the same bytes every time."""
    folder = bench.scratch / f"ceremony-{records}"
    if not folder.exists():
        # Made without waiting for the disk: only what is done with it later counts.
        hasty = bench.scratch / "no_fsync.so"
        if not hasty.exists():
            bench.compile(hasty.name, (PEERS / "no_fsync.c").read_text(), "-shared", "-fPIC")
        script = ROOT / "Runbook" / "first-rehearsal.yaml"
        making = [bench.program("ceremony-bench"), "long", str(script), str(folder), str(records)]
        bench.once(["env", f"LD_PRELOAD={hasty}", *making])
    return folder


def replay(records, most):
    """A row: both verifiers on a transcript of this length."""

    @row(f"replay of {records:,} records")
    def measured(bench):
        folder = str(long_ceremony(bench, records))
        of = bench.turns(
            most=most,
            ours=[bench.program("tuf-audit"), "replay", folder, "--format", "json"],
            second=[bench.python or sys.executable, str(ROOT / "Runbook" / "verify_transcript.py"), folder])
        count = json.loads(of["ours"]["out"])["records"]
        speed = count / of["ours"]["ms"] * 1000
        size = (pathlib.Path(folder) / "transcript.jsonl").stat().st_size / 1e6
        # A thousand records are over before the program's start is.
        is_fast = speed > 100_000 or records < 100_000
        return cells(
            of["ours"], "100,000 records/s, below 64 MB", {"verify_transcript.py": of["second"]},
            f"{count:,} records, {size:.1f} MB: {speed:,.0f} records/s, {of['ours']['ms'] / count * 1000:.1f} µs each; "
            f"the second verifier {count / of['second']['ms'] * 1000:,.0f}/s; process start included",
            is_fast and of["ours"]["mb"] < 64)


for size, most in {1_000: None, 100_000: 5, 1_000_000: 1}.items():
    replay(size, most)


@row("recording")
def recording(bench):
    folder = long_ceremony(bench, 2_000)
    of = bench.turns(
        ours=lambda run: [bench.program("ceremony-bench"), "record", str(folder), str(bench.scratch / f"record-{run}")])
    medians = [[float(figure) for figure in out.split()] for out in of["ours"]["outs"]]
    ours, floor = (statistics.median(figures) for figures in zip(*medians))
    over = ours / floor - 1
    count = (folder / "transcript.jsonl").read_bytes().count(b"\n")
    return cells(
        of["ours"], "below 10 % above the floor", {},
        f"{count:,} records and, in turn with them, the same lines written and fsynced by a bare loop: {ours:.0f} µs a "
        f"record, {floor:.0f} µs a line, medians: {over:+.1%}", over < 0.1)
