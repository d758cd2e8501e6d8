"""The memory of tuf-ceremony, where secrets are, stays in memory."""
import os
import pathlib
import resource
import signal
import subprocess
import time

from programs import FIRST, Person, TestCase

# Seconds; Swift's crash handler asks for 30.
AT_ONCE = 25


class MemoryTests(TestCase):
    def setUp(self):
        super().setUp()
        # Whatever starts from here may leave a core, and leaves it here.
        before = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, before)
        self.addCleanup(os.chdir, os.getcwd())
        self.working = self.scratch / "working"
        self.working.mkdir()
        os.chdir(self.working)

    def end_of(self, process):
        """How it ended, at once: no crash handler stays and asks somebody at the terminal what to show."""
        deadline = time.monotonic() + AT_ONCE
        while time.monotonic() < deadline:
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                return status
            time.sleep(0.01)
        self.fail("it is still there")

    def left_a_core(self, status, number):
        self.assertTrue(os.WIFSIGNALED(status), f"it ended by itself: {status}")
        self.assertEqual(os.WTERMSIG(status), number)
        return os.WCOREDUMP(status) or any(self.working.iterdir())

    def test_no_core_file_whatever_the_limit_is(self):
        for number in (signal.SIGSEGV, signal.SIGABRT):
            with self.subTest(signal=number):
                with Person("rehearse", FIRST, "--out", self.scratch / number.name) as person:
                    person.is_asked()
                    os.kill(person.process, number)
                    status = self.end_of(person.process)
                    person.process = None
                self.assertFalse(self.left_a_core(status, number))
        # What that is worth: a program that does not care.
        other = subprocess.Popen(["sleep", "60"])
        other.send_signal(signal.SIGSEGV)
        _, status = os.waitpid(other.pid, 0)
        other.returncode = -signal.SIGSEGV
        pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
        leaves = "leaves a core" if self.left_a_core(status, signal.SIGSEGV) else "leaves no core either"
        print(f"core pattern {pattern!r}, limit {resource.getrlimit(resource.RLIMIT_CORE)[0]}: another program {leaves}")

    def test_the_limit_of_one_that_runs_and_who_may_look_into_it(self):
        with Person("rehearse", FIRST, "--out", self.scratch / "out") as person:
            person.is_asked()
            proc = pathlib.Path(f"/proc/{person.process}")
            limits = (proc / "limits").read_text().splitlines()
            self.assertEqual([line.split()[4:6] for line in limits if line.startswith("Max core")], [["0", "0"]])
            # What shows a program that may not be looked into belongs to root.
            self.assertEqual((proc / "mem").stat().st_uid, 0)
