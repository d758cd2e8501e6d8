"""What every measurement needs: programs, peers, and runs that take turns."""
import os
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SHARED = ROOT.parent / "shared"
PEERS = ROOT / "Tests" / "Peers"
GENERATORS = ROOT / "Tests" / "Generators"
ROWS = {}


class Skipped(Exception):
    """What a row needs is not at hand."""


class Failed(Exception):
    """A program did not do what it was asked."""


def row(name):
    """Registers a measurement: a function of a Bench that returns the cells of one row."""

    def register(function):
        ROWS[name] = function
        return function

    return register


class Bench:
    def __init__(self, programs, runs, scratch):
        self.programs, self.runs, self.scratch = programs, runs, scratch
        self.python = os.environ.get("TUF_CEREMONY_PYTHON")
        self.measure = self.compile("measure", (PEERS / "measure.c").read_text())

    def compile(self, name, source, *options):
        path = self.scratch / name
        command = ["cc", "-O2", *options, "-x", "c", "-o", str(path), "-"]
        subprocess.run(command, input=source, text=True, check=True)
        return path

    def program(self, name):
        path = self.programs / name
        if not path.exists():
            raise Skipped(f"{name} is not built")
        return str(path)

    def peer(self, name, *arguments):
        if not self.python:
            raise Skipped("TUF_CEREMONY_PYTHON is not set")
        return [self.python, str(PEERS / name), *map(str, arguments)]

    def once(self, command, status=0):
        """Wall time in ms, peak memory in MB, and stdout of one run, which must end with `status`."""
        figures = self.scratch / "figures"
        done = subprocess.run(
            [self.measure, figures, *command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != status:
            words = done.stderr.strip().splitlines() or ["nothing on stderr"]
            raise Failed(f"{pathlib.Path(command[0]).name} ended with {done.returncode}: {words[-1][:120]}")
        nanoseconds, kilobytes = map(int, figures.read_text().split())
        return {"ms": nanoseconds / 1e6, "mb": kilobytes / 1024, "out": done.stdout}

    def turns(self, ends={}, most=None, **makers):
        """Every command once uncounted, then `runs` times in turn, at most `most`. A maker gets the number of the
        run. `ends` names the exit codes of commands that rightly end with another than 0."""
        results = {name: [] for name in makers}
        runs = min(self.runs, most or self.runs)
        for run in range(runs + 1):
            for name, make in makers.items():
                result = self.once(make(run) if callable(make) else make, ends.get(name, 0))
                if run > 0:
                    results[name].append(result)
        return {
            name: {key: statistics.median(result[key] for result in of) for key in ("ms", "mb")}
            | {"best": min(result["ms"] for result in of), "out": of[-1]["out"], "outs": [result["out"] for result in of]}
            for name, of in results.items()
        }


def cells(ours, aim, peers, note="", met=None):
    def figures(of):
        return {key: round(of[key], 2) for key in ("ms", "best", "mb")}

    return {
        "ours": figures(ours), "peers": {name: figures(of) for name, of in peers.items()},
        "aim": aim, "met": met, "note": note,
    }


def inner(of):
    """The milliseconds that a program measured for the work alone, without its start; the median."""
    return statistics.median(float(out.split()[-1]) for out in of["outs"])
