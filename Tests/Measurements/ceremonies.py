"""Ceremonies: holding one, recording it, and holding it again."""
import json
import pathlib
import re
import statistics
import sys

from bench import PEERS, ROOT, cells, row


@row("rehearsal")
def rehearsal(bench):
    def command(folder):
        program = bench.program("tuf-ceremony")
        return [program, "rehearse", "--out", str(folder), "--unattended", "--seed", "1"]

    of = bench.turns(ours=lambda run: command(bench.scratch / f"rehearsal-{run}"))
    # Apart, because a traced program is a slower one; the time is what the system took for the calls.
    trace = bench.scratch / "fsync.txt"
    tracing = ["strace", "-f", "-T", "-e", "trace=fsync,fdatasync", "-o", str(trace)]
    bench.once(tracing + command(bench.scratch / "traced"))
    took = [float(of) for of in re.findall(r"sync(?:\(| resumed>).*<([\d.]+)>$", trace.read_text(), re.M)]
    return cells(
        of["ours"], "below 500 ms and 60 MB", {},
        f"pep458-genesis unattended; {len(took)} fsyncs that take {sum(took) * 1000:.0f} ms",
        of["ours"]["ms"] < 500 and of["ours"]["mb"] < 60)


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
