"""Trials that were made before: the same sources, binary and seed give the same figures."""
import dataclasses
import hashlib
import json
from pathlib import Path

from trial import Trial

HERE = Path(__file__).resolve().parent
SOURCES = ("measures", "peers", "population", "scenarios", "spark", "streams", "trial")
OUR_SOURCES = ("ours", "own", "targets", "elapsed")


class Store:
    """A folder of results, each named by all that it depends on."""

    def __init__(self, folder, program):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sources, self.own = (
            "".join((HERE / f"{name}.py").read_text(encoding="utf-8") for name in names)
            for names in (SOURCES, OUR_SOURCES))
        self.program = hashlib.sha256(Path(program).read_bytes()).hexdigest()

    def path(self, is_ours, *words):
        """Where a result is kept."""
        key = repr((self.sources, self.own + self.program if is_ours else "", words))
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def trial(self, make, is_ours, *words):
        """The result of `make()`, or what is kept of it."""
        path = self.path(is_ours, *words)
        if path.exists():
            found = Trial(**json.loads(path.read_text(encoding="utf-8")))
            found.curve = {int(day): value for day, value in found.curve.items()}
            return found
        found = make()
        found.figures = {name: float(value) for name, value in found.figures.items()}
        path.write_text(json.dumps(dataclasses.asdict(found)), encoding="utf-8")
        return found

    def value(self, make, *words):
        """The plain value of `make()`, which depends on ours, or what is kept of it."""
        path = self.path(True, *words)
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
        found = make()
        path.write_text(json.dumps(found), encoding="utf-8")
        return found
