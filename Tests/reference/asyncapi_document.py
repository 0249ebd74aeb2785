"""Checks an AsyncAPI 3.0 document by itself: members, references, examples; no schema of AsyncAPI is on PyPI.

What is allowed is the part of the specification (https://www.asyncapi.com/docs/reference/specification/v3.0.0) that
the document uses; whatever else comes into it is a problem until it is written down here.
"""
import json
import re
from dataclasses import dataclass

import jsonschema_rs
import yaml

# By object of the specification: members that must be there, and those that may.
OBJECTS = {
    "document": ({"asyncapi", "info", "channels", "operations"}, {"servers", "components", "defaultContentType"}),
    "info": ({"title", "version"}, {"description", "license"}),
    "server": ({"host", "protocol"}, {"description"}),
    "channel": ({"address", "messages"}, {"title", "description", "parameters", "bindings", "servers"}),
    "parameter": (set(), {"description", "default", "examples", "enum"}),
    "operation": ({"action", "channel"}, {"title", "description", "messages"}),
    "message": ({"payload"}, {"name", "title", "description", "contentType", "headers", "bindings", "examples"}),
    "example": (set(), {"name", "summary", "headers", "payload"}),
    "schema": ({"schemaFormat", "schema"}, set()),
    "channel binding": ({"bindingVersion"}, {"topic", "partitions", "replicas", "topicConfiguration"}),
    "message binding": ({"bindingVersion", "key"}, set()),
}
FORMAT = "application/schema+json;version=draft-2020-12"
BINDING = "0.5.0"


@dataclass
class Document:
    """A document, and what is found about it."""
    folder: object
    value: dict
    problems: list
    examples: int = 0

    def report(self, where, words):
        """Notes a problem."""
        self.problems.append(f"{where}: {words}")

    def members(self, kind, where, value):
        """Notes which members an object lacks, and which it has too many; whether it is an object."""
        if not isinstance(value, dict):
            self.report(where, f"is no {kind}, but {value!r}")
            return False
        needed, allowed = OBJECTS[kind]
        for name in sorted(needed - value.keys()):
            self.report(where, f"lacks `{name}`")
        for name in sorted(value.keys() - needed - allowed):
            self.report(where, f"has `{name}`, which a {kind} has not")
        return True

    def resolved(self, value):
        """What a reference names, in the document or in a file beside it; anything else is itself."""
        if not isinstance(value, dict) or "$ref" not in value:
            return value
        file, _, pointer = value["$ref"].partition("#")
        found = json.loads((self.folder / file).read_text(encoding="utf-8")) if file else self.value
        for step in filter(None, pointer.split("/")):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        # What a file refers to within itself is its own.
        return found if file else self.resolved(found)

    def references(self, value, where="#"):
        """Notes every reference in a value that leads nowhere."""
        if isinstance(value, dict):
            if "$ref" in value:
                try:
                    self.resolved(value)
                except (OSError, KeyError, TypeError, ValueError) as why:
                    self.report(where, f"`{value['$ref']}` leads nowhere: {why!r}")
            for name, inner in value.items():
                self.references(inner, f"{where}/{name}")
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                self.references(inner, f"{where}/{number}")

    def validator(self, where, value):
        """The compiled schema of a multi-format schema that names a file; `None` where it is none."""
        if not self.members("schema", where, value) or value.get("schemaFormat") != FORMAT:
            self.report(where, f"is no schema of the format `{FORMAT}`")
            return None
        file, _, pointer = value["schema"]["$ref"].removeprefix("./").partition("#")
        whole = json.loads((self.folder / file).read_text(encoding="utf-8"))
        return jsonschema_rs.validator_for({**whole, "$ref": f"#{pointer}"} if pointer else whole)


def document_problems(folder, text):
    """(problems, number of examples) of the text of a document whose schemas are in a folder."""
    document = Document(folder, yaml.safe_load(text), [])
    document.references(document.value)
    if document.problems or not document.members("document", "#", document.value):
        return document.problems, 0
    value = document.value
    if value["asyncapi"] != "3.0.0":
        document.report("#/asyncapi", f"is `{value['asyncapi']}`")
    document.members("info", "#/info", value["info"])
    for name, server in value.get("servers", {}).items():
        document.members("server", f"#/servers/{name}", server)
    for name, channel in value["channels"].items():
        check_channel(document, f"#/channels/{name}", channel)
    for name, operation in value["operations"].items():
        check_operation(document, f"#/operations/{name}", operation)
    for name, message in value.get("components", {}).get("messages", {}).items():
        check_message(document, f"#/components/messages/{name}", message)
    return document.problems, document.examples


def check_channel(document, where, channel):
    """Address and parameters, messages, Kafka's binding."""
    if not document.members("channel", where, channel):
        return
    parameters = channel.get("parameters", {})
    used = set(re.findall(r"\{(.+?)\}", channel["address"] or ""))
    if used != parameters.keys():
        document.report(where, f"has the parameters {sorted(parameters)}, its address {sorted(used)}")
    for name, parameter in parameters.items():
        document.members("parameter", f"{where}/parameters/{name}", parameter)
    if not channel["messages"]:
        document.report(where, "has no messages")
    for name, message in channel["messages"].items():
        if not message.get("$ref", "").startswith("#/components/messages/"):
            document.report(f"{where}/messages/{name}", "names no message of the components")
    check_binding(document, "channel binding", f"{where}/bindings", channel.get("bindings"))


def check_binding(document, kind, where, bindings):
    """Kafka's binding, and no other."""
    if not isinstance(bindings, dict) or bindings.keys() != {"kafka"}:
        document.report(where, "is not Kafka's alone")
    elif document.members(kind, where, bindings["kafka"]) and bindings["kafka"].get("bindingVersion") != BINDING:
        document.report(where, f"is not of version {BINDING}")


def check_operation(document, where, operation):
    """The action; its messages are of its channel."""
    if not document.members("operation", where, operation):
        return
    if operation["action"] not in ("send", "receive"):
        document.report(where, f"has the action `{operation['action']}`")
    channel = operation["channel"].get("$ref", "")
    if not re.fullmatch("#/channels/[^/]+", channel):
        document.report(where, "names no channel")
    for message in operation.get("messages", []):
        if not message.get("$ref", "").startswith(f"{channel}/messages/"):
            document.report(where, f"has the message `{message.get('$ref')}`, which is not of its channel")


def check_message(document, where, message):
    """Schemas of headers and payload; every example is valid by both."""
    if not document.members("message", where, message):
        return
    if "bindings" in message:
        check_binding(document, "message binding", f"{where}/bindings", message["bindings"])
    parts = {
        part: document.validator(f"{where}/{part}", message[part])
        for part in ("headers", "payload") if part in message}
    if not message.get("examples"):
        document.report(where, "has no example")
    for number, example in enumerate(message.get("examples", [])):
        place = f"{where}/examples/{number}"
        document.examples += 1
        document.members("example", place, example)
        for part in ("headers", "payload"):
            if (part in example) != (part in parts):
                document.report(place, f"{'has' if part in example else 'lacks'} {part}")
            elif part in example and parts[part] is not None:
                for error in parts[part].iter_errors(example[part]):
                    document.report(f"{place}/{part}", error.message[:300])
