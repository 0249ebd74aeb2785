"""The house rules, each a function of a tree that yields violations as (path, line, words)."""
import ast
import os
import re
import subprocess

# What a room may import, beside what every Swift file may (the standard library needs no import).
ROOMS = {
    "Kafka": {"CRdKafka", "Glibc", "Synchronization", "Dispatch"},
    "Segmentation": {"CPrefetch", "Glibc"},
    "Pipeline": {"Kafka", "Segmentation", "CArchive", "Glibc", "Synchronization", "Dispatch"},
    "Analysis": {"Segmentation", "Foundation", "Glibc", "CLAPACK", "CLinear", "CNLopt"},
    "Server": {"Segmentation", "Foundation", "Glibc", "Synchronization", "CMicrohttpd", "CCurl", "CCrypto"},
    "Configuration": {"CYAML", "Foundation", "Glibc"},
    "segmenter": {
        "Kafka", "Segmentation", "Pipeline", "Analysis", "Server", "Configuration",
        "Foundation", "Glibc", "Synchronization", "Dispatch",
    },
}
TOP = {"Package.swift", "README.md", "Sources", "Tests", "deploy", "replay"}
COLUMNS_MAX = 120
# Lines that their format cannot break, by the ends of names.
WHOLE = {".md": re.compile(r"\|"), ".json": re.compile(r'\s*(?:"[^"]+": )?"(?:\\.|[^"\\])*",?$')}
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
# Data and recorded output keep the shape they have.
DATA = re.compile(r"\.(xz|gz|zst|lz4|bz2|csv|tsv|golden|bin|png)$|/(Goldens|FailCases)/")
# Spelled so that this file does not break its own rules.
MACHINE_PATH = re.compile(
    r"(?<![\w.$}])/(?:(?:work|root|home|farm)/[a-z]|tmp/(?:wt|helpers)\b|opt/(?:swift|wheels)\b)")
LEFT_OPEN = re.compile(r"\b(?:TO{1}DO|FIX{1}ME)\b")
TRAPS = re.compile(r"\btry!|\bas!|\.disabled\(|\bwithKnownIssue\b")
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?(\w+)")
SEEN = re.compile(
    r"^\s*(?:@[\w.]+(?:\([^)]*\))?\s+)*(?:(?:static|class|final|nonisolated|indirect)\s+)*(?:public|open|package)"
    r"(?:\(set\))?\s+(?!import\b|extension\b)")
FUNCTION = re.compile(r"(?:^|\s)(?:func\s+\S|init\s*[?(<]|deinit\s*\{|subscript\s*[(<])")


class Tree:
    """The files of a repository (what git would commit; without git, all but build folders), read once."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(p for p in self._list() if os.path.isfile(os.path.join(root, p)))
        self._texts = {}

    def _list(self):
        if os.path.exists(os.path.join(self.root, ".git")):
            command = ["git", "-C", self.root, "ls-files", "-coz", "--exclude-standard"]
            listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return [p for p in listed.split("\0") if p]
        found = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = [f for f in folders if f not in (".build", ".venv", ".git", "__pycache__")]
            found += [os.path.relpath(os.path.join(folder, f), self.root) for f in files]
        return found

    def text(self, path):
        """The file's text; `None` for data and what is not UTF-8."""
        if path not in self._texts:
            try:
                with open(os.path.join(self.root, path), encoding="utf-8", newline="") as file:
                    self._texts[path] = None if DATA.search(path) else file.read()
            except UnicodeDecodeError:
                self._texts[path] = None
        return self._texts[path]

    def lines(self, path):
        """The file's lines without their ends; none for data."""
        return (self.text(path) or "").split("\n")

    def swift(self):
        """The paths of Swift files."""
        return [p for p in self.paths if p.endswith(".swift")]


def masked(text):
    """Swift text with comments and string literals blanked, line breaks kept."""
    out, index, depth = [], 0, 0
    literal = re.compile(r'(#*)("""|")')
    while index < len(text):
        if depth == 0 and text.startswith("//", index):
            end = text.find("\n", index)
            end = len(text) if end < 0 else end
        elif text.startswith("/*", index) or depth:
            end, depth = index, 0
            while end < len(text):
                if text.startswith("/*", end):
                    depth, end = depth + 1, end + 2
                elif text.startswith("*/", end):
                    depth, end = depth - 1, end + 2
                    if depth == 0:
                        break
                else:
                    end += 1
            depth = 0
        elif (match := literal.match(text, index)):
            end = literal_end(text, match)
        else:
            out.append(text[index])
            index += 1
            continue
        out.append(re.sub(r"[^\n]", " ", text[index:end]))
        index = end
    return "".join(out)


def literal_end(text, match):
    """Where the string literal that `match` opens ends; interpolations in it count as text."""
    hashes, quote = match.group(1), match.group(2)
    closing, escape = quote + hashes, "\\" + hashes
    index, nested = match.end(), 0
    while index < len(text):
        if text.startswith(escape + "(", index):
            nested, index = nested + 1, index + len(escape) + 1
        elif nested and text[index] in "()":
            nested, index = nested + (1 if text[index] == "(" else -1), index + 1
        elif nested and text[index] == '"':
            inner = re.compile(r'(#*)("""|")').match(text, index)
            index = literal_end(text, inner)
        elif not nested and text.startswith(closing, index):
            return index + len(closing)
        elif text.startswith(escape, index):
            index += len(escape) + 1
        else:
            index += 1
    return index


def imports(tree):
    """Who imports what."""
    for path in tree.swift():
        parts = path.split("/")
        if parts[0] != "Sources":
            continue
        allowed = ROOMS.get(parts[1])
        if allowed is None:
            yield path, 1, f"`{parts[1]}` is no room; the rooms are {', '.join(sorted(ROOMS))}"
            continue
        for number, line in enumerate(masked(tree.text(path) or "").split("\n"), 1):
            for statement in line.split(";"):
                match = IMPORT.match(statement)
                if match and match.group(1) not in allowed:
                    may = ", ".join(sorted(allowed))
                    yield path, number, f"{parts[1]} may not import `{match.group(1)}`; it may {may}"


def columns(tree):
    """Lines of at most 120 columns; a table's row in Markdown cannot be broken, nor a string in JSON."""
    for path in tree.paths:
        whole = WHOLE.get(os.path.splitext(path)[1])
        for number, line in enumerate(tree.lines(path), 1):
            if len(line) > COLUMNS_MAX and not (whole and whole.match(line)):
                yield path, number, f"{len(line)} columns, at most {COLUMNS_MAX}"


def file_lengths(tree):
    """Source files of at most 400 lines."""
    for path in tree.paths:
        text = tree.text(path)
        if text is not None and not path.endswith((".md", ".json", ".yaml")) and text.count("\n") > FILE_LINES_MAX:
            yield path, FILE_LINES_MAX + 1, f"{text.count(chr(10))} lines, at most {FILE_LINES_MAX}: split it by aspect"


def function_lengths(tree):
    """Functions of at most 70 lines, in Swift and Python."""
    for path in tree.paths:
        text = tree.text(path)
        if text is None:
            continue
        spans = []
        if path.endswith(".swift"):
            spans = swift_functions(masked(text))
        elif path.endswith(".py") or text.startswith("#!/usr/bin/env python3"):
            spans = [
                (node.lineno, node.end_lineno) for node in ast.walk(ast.parse(text))
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        for first, last in spans:
            if last - first + 1 > FUNCTION_LINES_MAX:
                yield path, first, f"a function of {last - first + 1} lines, at most {FUNCTION_LINES_MAX}"


def swift_functions(text):
    """The first and last line of every function, initialiser and subscript with a body."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        match = FUNCTION.search(line)
        if not match:
            continue
        round_depth = braces = 0
        opened = False
        for last in range(number, len(lines)):
            for character in lines[last][match.start() if last == number else 0:]:
                round_depth += {"(": 1, ")": -1}.get(character, 0)
                # A closure as a default value is no body.
                if round_depth <= 0 and character in "{}":
                    braces += 1 if character == "{" else -1
                    opened = opened or braces > 0
            if (opened and braces <= 0) or (not opened and braces < 0) or last - number > 2000:
                break
            if not opened and last > number and re.match(r"\s*(}|(\w+ )*(func|var|let|case|init)\b)", lines[last]):
                break  # a requirement of a protocol has no body
        if opened and braces <= 0:
            yield number + 1, last + 1


def documented(tree):
    """`///` on everything that another target sees."""
    for path in tree.swift():
        if not path.startswith("Sources/"):
            continue
        raw = tree.lines(path)
        for number, line in enumerate(masked(tree.text(path) or "").split("\n")):
            if not SEEN.match(line):
                continue
            above = number - 1
            while above >= 0 and raw[above].strip().startswith(("@", "// swift-format")):
                above -= 1
            if above < 0 or not raw[above].strip().startswith("///"):
                yield path, number + 1, f"`{line.strip()[:60]}` has no `///`"


def machine_paths(tree):
    """No path of a machine, in any file."""
    for path in tree.paths:
        for number, line in enumerate(tree.lines(path), 1):
            match = MACHINE_PATH.search(line)
            if match:
                yield path, number, f"a path of a machine: `{line[match.start():match.start() + 40]}`"


def left_open(tree):
    """Nothing left open, no trap, no test switched off."""
    for path in tree.paths:
        for number, line in enumerate(tree.lines(path), 1):
            if LEFT_OPEN.search(line):
                yield path, number, f"left open: `{line.strip()[:60]}`"
        if path.endswith(".swift"):
            for number, line in enumerate(masked(tree.text(path) or "").split("\n"), 1):
                match = TRAPS.search(line)
                if match:
                    yield path, number, f"`{match.group(0)}` is not used here"


def executables(tree):
    """What begins with `#!` can be executed, and the other way round."""
    for path in tree.paths:
        with open(os.path.join(tree.root, path), "rb") as file:
            script = file.read(2) == b"#!"
        bit = os.access(os.path.join(tree.root, path), os.X_OK)
        if script != bit:
            yield path, 1, "begins with `#!` but is not executable" if script else "is executable but no script"


def top_level(tree):
    """Only what belongs at the top."""
    for name in sorted({p.split("/")[0] for p in tree.paths}):
        if name not in TOP and not name.startswith("."):
            yield name, 1, f"not at the top: only {', '.join(sorted(TOP))} and dot files"


def own_packages(tree):
    """The package stands on no other package."""
    if "Package.swift" in tree.paths:
        for number, line in enumerate(masked(tree.text("Package.swift") or "").split("\n"), 1):
            if re.search(r"\.package\s*\(|\.binaryTarget\s*\(", line):
                yield "Package.swift", number, "names a package from outside"
    else:
        yield "Package.swift", 1, "is missing"


RULES = [
    imports, columns, file_lengths, function_lengths, documented, machine_paths, left_open, executables, top_level,
    own_packages,
]
