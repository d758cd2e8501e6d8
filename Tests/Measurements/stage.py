"""The stage: what a frame costs, and what a program costs that waits at its prompt."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from bench import ROOT, cells, row
from ceremonies import rehearse


def waiting(command, seconds):
    """Has a program draw its first screen at 200 by 50, lets it wait, and returns its share of a processor meanwhile, and
    what it wrote, piece by piece as it came."""
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        os.execve(command[0], command, {"PATH": os.environ["PATH"], "TERM": "xterm-256color"})
    def ticks():
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
            of = file.read().rpartition(")")[2].split()
        return int(of[11]) + int(of[12])
    pieces, begun, start, since = [], None, time.monotonic(), 0
    try:
        while begun is None or time.monotonic() - begun < seconds:
            if select.select([terminal], [], [], 0.1)[0]:
                pieces.append(os.read(terminal, 1 << 20).decode(errors="replace"))
            # From the first tick of its clock on: the start is not the waiting.
            if begun is None and time.monotonic() - start > 3 and "> " in "".join(pieces):
                begun, since = time.monotonic(), ticks()
                pieces = []
        return (ticks() - since) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - begun), pieces
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


@row("a frame at 200 by 50")
def frame(bench):
    folder = bench.scratch / "framed"
    bench.once(rehearse(bench, folder.name, ROOT / "Runbook" / "pep458-genesis.yaml"))
    of = bench.turns(ours=[bench.program("ceremony-bench"), "frames", str(folder)])
    median, most, count, length = map(float, of["ours"]["out"].split())
    return cells(
        of["ours"], "below 2 ms of a processor, one write", {},
        f"every screen of pep458-genesis, drawn whole: {median:.2f} ms each, at most {most:.2f}; {count:.0f} frames of "
        f"{length / count:,.0f} bytes; the time stands for all of them and the program's start", median < 2)


@row("waiting at a prompt")
def idle(bench):
    program = bench.program("tuf-ceremony")
    share, pieces = waiting(
        [str(program), "rehearse", str(ROOT / "Runbook" / "first-rehearsal.yaml"), "--out", str(bench.scratch / "idle")], 10)
    whole = [piece for piece in pieces if re.fullmatch(r"(?s)\x1b\[\d+;1H.*\x1b\[\d+;\d+H", piece)]
    return cells(
        dict.fromkeys(("ms", "best"), share * 1000) | {"mb": 0}, "below 10 ms of a processor a second, one write a frame", {},
        f"{share * 100:.2f} % of a processor at 200 by 50; {len(pieces)} writes in 10 s, {len(whole)} of them whole frames",
        share < 0.01 and len(whole) == len(pieces))
