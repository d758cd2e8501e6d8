"""Start-up and metadata: `tuf-audit` beside what people verify and watch with today."""
import sys

from bench import GENERATORS, PEERS, SHARED, Skipped, cells, inner, row


@row("start-up")
def start_up(bench):
    hello = bench.compile("hello", '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n')
    of = bench.turns(
        ours=[bench.program("tuf-audit"), "--help"],
        python=[sys.executable, "-c", "pass"],
        hello=[str(hello)])
    return cells(
        of["ours"], "below 10 ms", {"python3 -c pass": of["python"], "C hello world": of["hello"]},
        "tuf-audit --help", of["ours"]["ms"] < 10)


@row("11 sigstore roots")
def sigstore_roots(bench):
    folder = SHARED / "roots" / "sigstore-root-signing"
    if not folder.is_dir():
        raise Skipped("the sigstore roots are not at hand")
    # The first four are older than what python-tuf reads, and it cannot read the keys of the fifth.
    paths = [str(folder / f"{version}.root.json") for version in range(5, 16)]
    arguments = ["verify", *paths, "--trusted", paths[0], "--at", "2026-09-01T00:00:00Z"]
    of = bench.turns(
        ours=[bench.program("tuf-audit"), *arguments],
        tuf=bench.peer("verify_roots.py", *paths))
    return cells(
        of["ours"], "below 15 ms", {"python-tuf": of["tuf"]},
        f"process start included; python-tuf without its imports {inner(of['tuf']):.1f} ms",
        of["ours"]["ms"] < 15)


@row("5 MB targets")
def large_targets(bench):
    targets, root = bench.scratch / "1.targets.json", bench.scratch / "1.root.json"
    bench.once(bench.peer("make_targets.py", root, targets, 5_000_000))
    of = bench.turns(
        ours=[bench.program("tuf-audit"), "verify", str(targets), "--delegator", str(root)],
        canonical=bench.peer("canonical.py", targets), start=[bench.program("tuf-audit"), "--help"])
    # The program has no command that stops short of the signature, so its figure holds that, and its start,
    # too.
    work = of["ours"]["ms"] - of["start"]["ms"]
    return cells(
        of["ours"], "below 50 ms", {"securesystemslib": of["canonical"]},
        f"{targets.stat().st_size / 1e6:.1f} MB; ours: read, parse, canonical form, SHA-256, signature, "
        f"{work:.0f} ms without the start; encode_canonical alone {inner(of['canonical']):.0f} ms",
        work < 50)


def generate(bench, generator, folder, *arguments):
    if not bench.python:
        raise Skipped("TUF_CEREMONY_PYTHON is not set")
    bench.once([bench.python, "-B", str(GENERATORS / generator), str(folder), *map(str, arguments)])


@row("10,000 files")
def archive(bench):
    at = "2026-06-01T00:00:00Z"
    folders = {count: bench.scratch / f"archive-{count}" for count in (5_000, 10_000)}
    for count, folder in folders.items():
        generate(bench, "archive.py", folder, "--files", count)

    def command(count):
        return [bench.program("tuf-audit"), "expiry", str(folders[count] / "archive"), "--at", at, "--format", "json"]

    # The archive holds expired and forged files, so the right end is a violation.
    of = bench.turns(
        {"ours": 1, "half": 1}, ours=command(10_000), half=command(5_000),
        dates=[sys.executable, str(PEERS / "dates.py"), str(folders[10_000] / "archive"), at])
    return cells(
        of["ours"], "5 times faster", {"Python, dates alone": of["dates"]},
        f"expiry; every signature verified; {of['ours']['ms'] / of['half']['ms']:.1f} times the "
        "time of 5,000 files; Python verifies nothing", of["ours"]["ms"] * 5 < of["dates"]["ms"])


def following(bench, folder):
    """The commands that verify a folder of metadata: ours, and python-tuf's."""
    ours = [bench.program("tuf-audit"), "verify", str(folder), "--at", "2026-06-01T00:00:00Z"]
    return {"ours": ours, "tuf": bench.peer("verify_folder.py", folder)}


@row("1,000 roots")
def thousand_roots(bench):
    folders = {count: bench.scratch / f"chain-{count}" for count in (1_000, 10_000)}
    for count, folder in folders.items():
        generate(bench, "chain.py", folder, "--roots", count, "--bins", 1)
    of = bench.turns(**following(bench, folders[1_000] / "roots"))
    longer = bench.once(following(bench, folders[10_000] / "roots")["ours"])
    ratio = of["tuf"]["ms"] / of["ours"]["ms"]
    return cells(
        of["ours"], "4 times faster, flat memory", {"python-tuf": of["tuf"]},
        f"verify; 3 of 5 Ed25519, a key replaced at every tenth, every signature verified; {ratio:.1f} times; "
        f"python-tuf without its imports {inner(of['tuf']):.0f} ms; 10,000 roots {longer['ms']:.0f} ms, "
        f"{longer['mb']:.0f} MB, of which the table has a row for each", ratio >= 4 and longer["mb"] < 2 * of["ours"]["mb"])


@row("16,384 prefix bins")
def prefix_bins(bench):
    folder = bench.scratch / "bins"
    generate(bench, "chain.py", folder, "--roots", 1, "--bins", 16_384)
    size = (folder / "bins" / "1.targets.json").stat().st_size / 1e6
    of = bench.turns(**following(bench, folder / "bins"))
    return cells(
        of["ours"], "10 times faster, below 100 MB", {"python-tuf": of["tuf"]},
        f"verify; {size:.1f} MB of delegations by path_hash_prefixes; python-tuf without its imports "
        f"{inner(of['tuf']):.0f} ms", of["ours"]["ms"] * 10 < of["tuf"]["ms"] and of["ours"]["mb"] < 100)
