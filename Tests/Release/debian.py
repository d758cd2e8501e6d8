"""Clean Debian systems without a network: each made once by debootstrap, and copied for every use."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from made import ROOT, scratch

CACHE = ROOT / ".build" / "debian"
SUITES = {"12": "bookworm", "13": "trixie"}
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
# Its own network with nothing in it, and a /proc of its own; all of it is gone with its last process.
ALONE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
ENTER = 'mount -t proc proc "$0/proc" && exec chroot "$0" env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"'


def made_once(release):
    if os.geteuid() != 0:
        raise unittest.SkipTest("a Debian root needs root")
    if subprocess.run([*ALONE, "true"], capture_output=True).returncode != 0:
        raise unittest.SkipTest("this container may not make namespaces")
    folder = CACHE / SUITES[release]
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        new = tempfile.mkdtemp(dir=CACHE)
        # With nothing of Swift, of smartcards or of libsodium; man-db, because manual pages are read.
        command = ["debootstrap", "--variant=minbase", "--include=man-db", SUITES[release], new, MIRROR]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            shutil.rmtree(new)
            raise unittest.SkipTest("debootstrap: " + (done.stdout + done.stderr).strip().splitlines()[-1])
        os.chmod(new, 0o755)
        os.rename(new, folder)
    return folder


class Debian:
    """A copy of a clean Debian. Paths inside begin at `folder`."""

    def __init__(self, release):
        pristine = made_once(release)
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=scratch())) / SUITES[release]
        subprocess.run(["cp", "-a", "--reflink=auto", pristine, self.folder], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def run(self, *command, traced_to=None):
        """Runs a command inside, without a network. `traced_to` is given its system calls that concern one."""
        strace = ["strace", "-f", "-e", "trace=%network,execve", "-o", str(traced_to)] if traced_to else []
        return subprocess.run(
            [*strace, *ALONE, "sh", "-c", ENTER, str(self.folder), *map(str, command)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)

    def copies(self, path, place):
        """Puts a file or folder of this machine inside."""
        subprocess.run(["cp", "-a", "--reflink=auto", path, self.folder / place.lstrip("/")], check=True)
