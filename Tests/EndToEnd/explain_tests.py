"""The catalogue of finding codes, as both programs print it."""
import json

from programs import FINE, USAGE, TestCase, run


def commands(program):
    """Every command that a program has, as it is typed."""
    def below(command, typed):
        subcommands = [each for each in command.get("subcommands", []) if each["commandName"] != "help"]
        for each in subcommands:
            yield from below(each, f"{typed} {each['commandName']}")
        if not subcommands:
            yield typed

    return set(below(json.loads(run(program, "--experimental-dump-help").stdout)["command"], program))


def catalogue():
    return json.loads(run("tuf-audit", "explain", "--format", "json").stdout)["codes"]


class ExplainTests(TestCase):
    def test_names_commands_that_there_are(self):
        named = {command for each in catalogue() for command in each["commands"]}
        there = commands("tuf-ceremony") | commands("tuf-audit")
        self.assertLessEqual(named, there)
        # These print what they have in them.
        self.assertEqual(there - named, {"tuf-audit explain", "tuf-audit watch-script"})

    def test_both_programs_say_the_same(self):
        for arguments in [[], ["pin-wrong"], ["EXPIRES-SOON"]]:
            here, there = (run(name, "explain", *arguments) for name in ["tuf-ceremony", "tuf-audit"])
            self.assertEnds(here, FINE)
            self.assertEqual((here.returncode, here.stdout), (there.returncode, there.stdout))

    def test_a_misspelt_code_is_a_usage_error(self):
        for name in ["tuf-ceremony", "tuf-audit"]:
            self.assertEnds(run(name, "explain", "pin-wron"), USAGE, "Did you mean PIN-WRONG?")

    def test_the_page_takes_no_code(self):
        self.assertEnds(run("tuf-audit", "explain", "pin-wrong", "--format", "markdown"), USAGE, "takes no code")
