"""What the checks share: counting them, running the built program, reading what it wrote."""
import csv
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
SHOWN_MAX = 5


class Checks:
    """Counts checks, prints those that fail, ends with the line that `Tests/run` adds up."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def equal(self, name, found, expected):
        """`found` is what was expected."""
        self.none(name, [] if found == expected else [f"found {found!r}, expected {expected!r}"])

    def none(self, name, problems):
        """There are no problems."""
        problems = list(problems)
        if not problems:
            self.passed += 1
            print(f"passed  {name}")
            return
        self.failed += 1
        print(f"FAILED  {name}: {len(problems)} problem{'s' if len(problems) > 1 else ''}")
        for problem in problems[:SHOWN_MAX]:
            print(f"        {problem}")

    def skip(self, name, why):
        """A check that cannot run here."""
        self.skipped += 1
        print(f"SKIPPED {name}: {why}")

    def finish(self):
        """Prints the count and ends the program."""
        complete = self.skipped == 0 or os.environ.get("CI") != "true"
        if not complete:
            print("CI=true: every check must run")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(0 if self.failed == 0 and complete and self.passed else 1)


@dataclass
class Outcome:
    """What a replay wrote, as bytes and as values."""
    bytes: dict
    changes: list
    customers: list
    dead_letters: list
    model: dict
    summary: dict


def shared_data(name):
    """The path of a data set that is not shipped, or `None`: `SEGMENTER_TEST_DATA`, else beside the clone."""
    folders = [os.environ.get("SEGMENTER_TEST_DATA"), TOP.parent / "shared" / "data"]
    # The folder of a work tree is not where its clone lies.
    common = subprocess.run(
        ["git", "-C", str(TOP), "rev-parse", "--path-format=absolute", "--git-common-dir"],
        capture_output=True, text=True, check=False).stdout.strip()
    if common:
        folders.append(Path(common).parent.parent / "shared" / "data")
    for folder in folders:
        if folder and (Path(folder) / name).is_file():
            return Path(folder) / name
    return None


def program_of(arguments):
    """The path behind `--program`, else the release binary."""
    if "--program" in arguments:
        return arguments[arguments.index("--program") + 1]
    shown = subprocess.run(
        ["swift", "build", "-c", "release", "--show-bin-path"], cwd=TOP, check=True, capture_output=True, text=True)
    return str(Path(shown.stdout.strip()) / "segmenter")


def environment():
    """The environment without settings: the program takes no variable of its own that it does not know."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SEGMENTER_")}


def answers_of(kind, program, requests):
    """What `Benchmarks` of a kind, built beside the program, answers to requests: lists of what JSON can hold."""
    command = [str(Path(program).parent / "Benchmarks"), kind]
    if not Path(command[0]).exists():
        raise SystemExit(f"there is no `{command[0]}`: build it beside the program, `swift build -c release`")
    ended = subprocess.run(
        command, input=json.dumps(requests).encode(), capture_output=True, check=False, env=environment())
    if ended.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {ended.returncode}: {ended.stderr.decode()}")
    return json.loads(ended.stdout)


def generate(program, path, *options):
    """Writes a generated log."""
    with open(path, "wb") as file:
        subprocess.run([program, "generate", *options], stdout=file, check=True, env=environment())


def replay(program, files, *options, by_contract=True):
    """Replays files; every output is read back, changes and dead letters by their contracts."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: str(Path(folder) / name) for name in ("changes", "customers", "dead-letters", "model")}
        command = [program, "replay", *options, "--summary", "json"]
        for name, path in paths.items():
            command += [f"--{name}", path]
        command += [str(file) for file in files]
        ended = subprocess.run(command, capture_output=True, check=False, env=environment())
        if ended.returncode != 0:
            raise SystemExit(f"{' '.join(command)} ended with {ended.returncode}: {ended.stderr.decode()}")
        written = {name: Path(path).read_bytes() for name, path in paths.items()}
    outcome = Outcome(
        bytes=written, changes=json_lines(written["changes"]), dead_letters=json_lines(written["dead-letters"]),
        customers=list(csv.DictReader(written["customers"].decode().splitlines())),
        model=json.loads(written["model"]), summary=json.loads(ended.stdout))
    # Not above: the contracts use this module, too.
    from contracts import replay_problems
    for problem in replay_problems(outcome) if by_contract else ():
        raise SystemExit(f"{' '.join(command)} wrote what its contract refuses: {problem}")
    return outcome


def json_lines(data):
    """One value a line."""
    return [json.loads(line) for line in data.splitlines()]


def instant(text):
    """Milliseconds since 1970 of the program's times, `2026-08-02T10:00:00.000Z` and nothing else."""
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    return (moment - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)


def money(minor, digits=2):
    """Minor units as the program writes them."""
    sign, size = ("-" if minor < 0 else ""), abs(minor)
    return f"{sign}{size // 10**digits}.{size % 10**digits:0{digits}d}"
