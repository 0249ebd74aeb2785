#!/usr/bin/env python3
"""Validates every record that the program writes by the contracts of `deploy/contracts`, and the contracts themselves.

    Tests/reference/check_contracts.py [--program PATH]

Nothing that is written may be refused, what is spoiled must be; the codes and reasons are those of the sources.
"""
import json
import re
import sys
import tempfile
from pathlib import Path

from jsonschema import Draft202012Validator
from yaml import safe_load

sys.dont_write_bytecode = True
import contract_spoilers as spoilers
from asyncapi_document import document_problems
from checks import TOP, Checks, generate, program_of, replay
from contracts import (
    FOLDER, SCHEMAS, document, event_problems, is_purchase, lines_problems, refusals, schema_of, validator)
from random_log import random_lines

SOURCES = TOP / "Sources"
# What a schema of the value cannot tell: it depends on key, clock, configuration and other records.
BEYOND = {"key_mismatch", "future_timestamp", "unknown_currency", "amount_overflow", "too_large"}
ID_BYTES_MAX = 256
DAY_MS = 86_400_000
# By file and name: enumerations whose raw values a schema lists.
ENUMS = [
    ("Segmentation/Decoding/DeadLetter.swift", "DeadLetterCode", "dead-letter", "code"),
    ("Segmentation/Changes/Change.swift", "ChangeReason", "change", "data/properties/reason"),
    ("Segmentation/Changes/Change.swift", "ChangeOrigin", "change", "data/properties/origin"),
]


def raw_values(text, name):
    """The raw values of a Swift enumeration of strings."""
    body = re.search(rf"enum {name}: String.*?\n}}", text, re.DOTALL).group()
    return [raw or case for case, raw in re.findall(r'^  case (\w+)(?: = "(\w+)")?$', body, re.MULTILINE)]


def listed(name, path):
    """What a schema lists at a place below `$defs`."""
    found = document(name)["$defs"]
    for step in path.split("/"):
        found = found[step]
    return found["enum"]


def check_schemas(checks):
    """The schemas are valid, have no dead part and no wrong example."""
    for name in SCHEMAS:
        errors = Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(document(name))
        checks.none(f"{name}: is JSON Schema 2020-12", (error.message for error in errors))
        text = json.dumps(document(name))
        text += (FOLDER / "asyncapi.yaml").read_text(encoding="utf-8")
        checks.none(f"{name}: every part is used", (
            f"`{part}`" for part in document(name)["$defs"] if f"#/$defs/{part}" not in text))
        checks.none(f"{name}: examples", examples(document(name)["$defs"], name, []))


def examples(value, name, path):
    """What schemas have against their own examples."""
    if isinstance(value, dict):
        for example in value.get("examples", []) if path else []:
            part = {**document(name), "$ref": "#/$defs/" + "/".join(path)}
            errors = Draft202012Validator(part).iter_errors(example)
            yield from (f"{'/'.join(path)}: {error.message}" for error in errors)
        for key, inner in value.items():
            yield from examples(inner, name, [*path, key])


def check_enums(checks, summary):
    """Every code, reason and origin of the sources, and of the program, is in its schema, and no other."""
    for file, enum, name, path in ENUMS:
        text = (SOURCES / file).read_text(encoding="utf-8")
        checks.equal(f"{enum} is what {name} lists", sorted(listed(name, path)), sorted(raw_values(text, enum)))
        more = re.sub(rf"(enum {enum}: .*\n)", r'\1  case oneMore = "one_more"\n', text)
        checks.equal(f"{enum}: one more is seen", "one_more" in raw_values(more, enum), True)
    text = (SOURCES / ENUMS[1][0]).read_text(encoding="utf-8")
    types = re.findall(r'"(segmenter\.customer\.\w+\.v\d+)"', text)
    checks.equal("the event types", sorted(document("change")["$defs"]["eventType"]["enum"]), sorted(types))
    text = (SOURCES / "Segmentation/Model/Feature.swift").read_text(encoding="utf-8")
    most = document("change")["$defs"]["data"]["properties"]["features"]["maxItems"]
    checks.equal("the number of features", most, len(raw_values(text, "Feature")))
    checks.equal("the program's codes", sorted(summary["dead_letters"]), sorted(listed("dead-letter", "code")))
    checks.equal("the program's reasons", sorted(summary["changes"]), sorted(listed("change", ENUMS[1][3])))


def check_replay(checks, program, name, path, *options):
    """Every change and every dead letter of a replay."""
    outcome = replay(program, [path], *options, by_contract=False)
    checks.none(f"{name}: {len(outcome.changes)} changes", lines_problems(outcome.changes, "change", "event"))
    checks.none(f"{name}: attributes say what data say", (
        words for event in outcome.changes for words in event_problems(event)))
    letters = outcome.dead_letters
    checks.none(f"{name}: {len(letters)} dead letters", lines_problems(letters, "dead-letter"))
    checks.none(f"{name}: there is something to validate", [] if outcome.changes else ["no change"])
    return outcome


def check_verdicts(checks, program, name, path, lines, *options):
    """Schema and program agree which records are good, as far as a schema can tell."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    letters = replay(program, [path], *options, by_contract=False).dead_letters
    checks.none(f"{name}: {len(letters)} dead letters", lines_problems(letters, "dead-letter"))
    codes = {letter["line"]: letter["code"] for letter in letters}
    checks.none(f"{name}: schema and program agree on {len(lines)} purchases", (
        f"line {number} is {code or 'good'}: {line}"
        for number, line, code in ((number, line, codes.get(number)) for number, line in enumerate(lines, 1))
        if is_purchase(line) == (code is not None) and not (is_purchase(line) and lies_beyond(line, code))))


def lies_beyond(line, code):
    """Whether the program refuses a record for a reason that no schema of its value can tell."""
    name = json.loads(line)["customer_id"]
    names = re.findall(r'"(\w+)": ?', line)
    # A member twice and an integer with a point look alike once JSON is read; bytes are not counted.
    is_unseen = len(set(names)) < len(names) or isinstance(name, float) or len(str(name).encode()) > ID_BYTES_MAX
    return code in BEYOND or is_unseen


def check_spoiled(checks, changes, letters):
    """Whatever is spoiled in a real record is refused, by jsonschema as well."""
    by_reason = {change["data"]["reason"]: change for change in changes}
    # The richest, so that every member has a value.
    moved = by_reason["purchase"]
    tries = [("change", "event", "as it is", moved, True)]
    names = [*moved, *(f"data.{name}" for name in moved["data"])]
    names += [f"data.rfm.{name}" for name in moved["data"]["rfm"]]
    names += [f"data.{name}" for name in ("to.id", "to.name", "from.id", "model.generation", "model.version")]
    names += [f"data.cause.{name}" for name in moved["data"]["cause"]]
    tries += [("change", "event", words, value, False) for words, value in spoilers.spoiled(moved, names)]
    tries += [
        ("change", "event", f"{path} is {other!r}", spoilers.with_value(moved, path, other), False)
        for path, other in spoilers.CHANGES]
    for reason, path, other in spoilers.BY_REASON:
        value = spoilers.with_value(by_reason[reason], path, other)
        tries.append(("change", "event", f"{reason}: {path} is {other!r}", value, False))
    letter = next(letter for letter in letters if "encoding" not in letter and letter["value"].startswith("{"))
    tries += [("dead-letter", None, words, value, False) for words, value in spoilers.spoiled(letter, list(letter))]
    tries += [
        ("dead-letter", None, f"{path} is {other!r}", spoilers.with_value(letter, path, other), False)
        for path, other in spoilers.LETTERS]
    data = moved["data"]
    headers = {f"ce_{name}": moved[name] for name in ("specversion", "id", "source", "subject", "time", "type")}
    headers["content-type"] = "application/json"
    tries += header_tries("change", headers, spoilers.HEADERS)
    labels = {
        "code": letter["code"], "message": letter["message"], "topic": "transactions", "partition": "0", "offset": "7",
        "timestamp": "-1"}
    labels = {f"segmenter.error.{name}": text for name, text in labels.items()} | {"trace": "7f", "empty": None}
    tries += header_tries("dead-letter", labels, spoilers.LETTER_HEADERS)
    tries += [("change", None, "the data alone", data, True), ("change", "erasure", "a tombstone", None, True)]
    checks.none(f"{len(tries)} records, spoiled and whole, are judged rightly", (
        f"{name} {part}: {words}: {refusals(value, name, part) or 'accepted'}"
        for name, part, words, value, good in tries if validator(name, part).is_valid(value) != good))
    checks.none("jsonschema judges them alike", (
        f"{name} {part}: {words}" for name, part, words, value, good in tries
        if Draft202012Validator(schema_of(name, part)).is_valid(value) != good))


def header_tries(name, headers, others):
    """Headers as they are, and spoiled."""
    yield name, "headers", "as they are", headers, True
    for header in [header for header in headers if "." in header or name == "change"]:
        rest = {key: text for key, text in headers.items() if key != header}
        yield name, "headers", f"{header} is absent", rest, False
    for header, text in others:
        yield name, "headers", f"{header} is {text!r}", {**headers, header: text}, False


def check_document(checks):
    """The AsyncAPI document; what is broken in it is found."""
    text = (FOLDER / "asyncapi.yaml").read_text(encoding="utf-8")
    problems, count = document_problems(FOLDER, text)
    checks.none(f"asyncapi.yaml: members, references, {count} examples", problems)
    for words, before, after in spoilers.DOCUMENT:
        assert before in text, before
        found, _ = document_problems(FOLDER, text.replace(before, after, 1))
        checks.equal(f"asyncapi.yaml: {words} is found", bool(found), True)


def check_logs(checks, program, folder):
    """Logs of every kind; what a replay of the generated one gave."""
    euro, path = ("--currency", "EUR"), folder / "generated.json"
    options = {"events": 60_000, "customers": 3_000, "span": 120, "seed": 7, "broken": 0.01}
    generate(program, path, *(text for name, value in options.items() for text in (f"--{name}", str(value))))
    lines = path.read_text(encoding="utf-8").splitlines()
    generated = check_replay(checks, program, "generated log", path, *euro)
    check_verdicts(checks, program, "generated log", folder / "again.json", lines, *euro)
    check_replay(checks, program, "generated log by rules", path, *euro, "--segments", "rules")
    cdnow = TOP / "replay" / "CDNOW_sample.txt.xz"
    check_replay(checks, program, "CDNOW", cdnow, "--map", str(TOP / "replay" / "cdnow.yaml"), "--order", "time")
    check_verdicts(checks, program, "random log", folder / "random.json", list(random_lines(4)), *euro)
    forms = list(spoilers.purchase_lines())
    check_verdicts(checks, program, "purchases in every form", folder / "forms.json", forms, *euro)
    broken = folder / "broken.json"
    text = "".join(f"{line}\n" for line in lines[:3000]).encode()
    broken.write_bytes(b"\xff\xfe\n" + b"x" * (1 << 20) + b"yz\n" + text)
    letters = check_replay(checks, program, "log that is no text", broken, *euro).dead_letters
    found = [(letter.get("encoding"), letter["code"]) for letter in letters[:2]]
    checks.equal("log that is no text: base64", found, [("base64", "malformed"), (None, "too_large")])
    for currency in ("JPY", "KWD"):
        other = folder / f"{currency}.json"
        other.write_text("".join(line.replace('"EUR"', f'"{currency}"') + "\n" for line in lines[:20_000]))
        check_replay(checks, program, f"generated log in {currency}", other, "--currency", currency)
    return generated


def topic_settings(text, function):
    """The settings that a topic is made with, of `TopicPlan+Output.swift`."""
    body = re.search(rf"static func {function}\(.*?\n  }}", text, re.DOTALL).group()
    bytes_max = re.search(r'messageBytesMax = "(\d+)"', text).group(1)
    return {
        name: word or (str(int(days) * DAY_MS) if days else bytes_max) for name, word, days in re.findall(
            r'"([\w.]+)": (?:"(\w+)"|String\((\d+) \* dayMs\)|messageBytesMax)', body)}


def check_topics(checks):
    """The document names the settings that topics are made with."""
    text = (SOURCES / "Pipeline/Kafka/TopicPlan+Output.swift").read_text(encoding="utf-8")
    channels = safe_load((FOLDER / "asyncapi.yaml").read_text(encoding="utf-8"))["channels"]
    for name in ("changes", "deadLetters"):
        told = channels[name]["bindings"]["kafka"]["topicConfiguration"]
        told = {key: ",".join(value) if isinstance(value, list) else str(value) for key, value in told.items()}
        checks.equal(f"asyncapi.yaml: the settings of {name}", told, topic_settings(text, name))


def main():
    """Runs the checks."""
    checks, program = Checks(), program_of(sys.argv)
    check_schemas(checks)
    check_document(checks)
    check_topics(checks)
    with tempfile.TemporaryDirectory() as folder:
        generated = check_logs(checks, program, Path(folder))
    check_enums(checks, generated.summary)
    check_spoiled(checks, generated.changes, generated.dead_letters)
    checks.finish()


if __name__ == "__main__":
    main()
