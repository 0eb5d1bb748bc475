"""Views and data look alike: well-formed, declared as UTF-8, indented by four spaces a level, no tabs."""

import re
from xml.etree import ElementTree

DECLARATION = re.compile(
    r"<\?xml version=[\"']1\.0[\"'] encoding=[\"'](utf-8|UTF-8)[\"']\s*\?>"
)
INDENT = 4


def findings(folder):
    """Sentences about every XML file below a folder that is not as it should be."""
    return [
        finding
        for file in sorted(folder.rglob("*.xml"))
        for finding in findings_in(file)
    ]


def findings_in(file):
    """Sentences about one file."""
    text = file.read_text(encoding="utf-8")
    try:
        ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        return [f"{file}: {error}"]
    return [
        f"{file}:{number}: {what}"
        for number, what in [*_layout(text), *_indentation(text)]
    ]


def _layout(text):
    lines = text.split("\n")
    if not DECLARATION.fullmatch(lines[0]):
        yield 1, 'starts with <?xml version="1.0" encoding="utf-8"?>'
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield number, "a tab"
        if line != line.rstrip():
            yield number, "white space at the end of the line"
    if lines[-1] or lines[-2:-1] == [""]:
        yield len(lines), "ends with one line break"


def _indentation(text):
    """The first tag of a line is indented by its depth; text, comments and wrapped attributes are free."""
    depth = 0
    masked = re.sub(
        r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", _blank, text, flags=re.DOTALL
    )
    for tag in re.finditer(
        r"<(/?)([\w:.-]+)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>", masked
    ):
        closing, ended = bool(tag.group(1)), bool(tag.group(3))
        depth -= closing
        before = masked[masked.rfind("\n", 0, tag.start()) + 1 : tag.start()]
        if not before.strip() and len(before) != depth * INDENT:
            yield (
                masked.count("\n", 0, tag.start()) + 1,
                f"<{tag.group(1)}{tag.group(2)}> is indented by {len(before)}, not {depth * INDENT}",
            )
        depth += not closing and not ended


def _blank(match):
    return "".join(letter if letter == "\n" else "x" for letter in match.group())
