"""What Runbook/build-release and Runbook/build-kit make, each made once for all tests of this folder."""
import atexit
import functools
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RUNBOOK = ROOT / "Runbook"
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))


def output(*command, **options):
    """Standard output of a command that must succeed."""
    done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}: {(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


@functools.cache
def scratch():
    """A folder that goes when the tests end; in the build folder and not in /tmp, which may be memory."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=ROOT / ".build", prefix="tests-release-"))
    atexit.register(shutil.rmtree, folder)
    return folder


@functools.cache
def release():
    """A folder of Runbook/build-release, from the working folder as it is."""
    output(RUNBOOK / "build-release", "--trial", "--out", scratch() / "release")
    return scratch() / "release"


@functools.cache
def kit():
    """An offline kit of that release."""
    output(RUNBOOK / "build-kit", release(), "--out", scratch() / "kit")
    return scratch() / "kit"


def package(name):
    """The one Debian package of a program."""
    found, = release().glob(f"{name}_*.deb")
    return found


def plain_program():
    """tuf-audit as one file."""
    found, = (path for path in release().glob("tuf-audit-linux-*") if not path.suffix)
    return found
