"""Check the layout of XML files.

They are well-formed, declared as UTF-8, indented by four spaces per level and free of
tabs.
"""

import re
from xml.etree import ElementTree

DECLARATION = re.compile(
    r"<\?xml version=[\"']1\.0[\"'] encoding=[\"'](utf-8|UTF-8)[\"']\s*\?>"
)
INDENT = 4


def findings(folder):
    """Return the findings about all XML files below a folder."""
    return [
        finding
        for file in sorted(folder.rglob("*.xml"))
        for finding in findings_in(file)
    ]


def findings_in(file):
    """Return the findings about one file."""
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
    """Check that the first tag of each line is indented by its depth.

    Text, comments and wrapped attributes aren't checked.
    """
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
