"""A scenario as one file: with what it extends, its options and changes put in, to be read by people."""

from __future__ import annotations

from collections.abc import Iterator

from sibsim.errors import ScenarioError
from sibsim.loading.place import Node
from sibsim.loading.reader import read_text

__all__ = ["in_yaml"]


def in_yaml(root: Node) -> str:
    """A tree as YAML, which reads back as the same tree.

    >>> in_yaml(read_text("sibsim: 1\\nparties: {payer: 'A: city', provider: none}\\nrows: [[1, 5 %]]")[0])
    'sibsim: 1\\nparties:\\n  payer: "A: city"\\n  provider: none\\nrows:\\n  -\\n    - 1\\n    - 5 %\\n'
    """
    return "\n".join([*_lines(root, ""), ""])


def _lines(node: Node, indent: str) -> Iterator[str]:
    if node.kind == "mapping":
        pairs = [(f"{indent}{_key(key)}:", child) for key, child in node.entries.items()]
    else:
        pairs = [(f"{indent}-", child) for child in node.items]
    for begin, child in pairs:
        if child.kind == "text":
            yield f"{begin} {_text(child)}".rstrip()
        elif not (child.entries or child.items):
            yield f"{begin} {'{}' if child.kind == 'mapping' else '[]'}"
        else:
            yield begin
            yield from _lines(child, f"{indent}  ")


def _text(node: Node) -> str:
    return node.text if node.is_plain and _reads_back(node.text) else _quoted(node.text)


def _key(key: str) -> str:
    return key if _reads_back(key, "{}: x") else _quoted(key)


def _reads_back(text: str, where: str = "k: {}") -> bool:
    """Whether a text without quotation marks is read as it is."""
    try:
        root, problems = read_text(where.format(text))
    except ScenarioError:
        return False
    if problems or root.kind != "mapping" or len(root.entries) != 1:
        return False
    key, value = next(iter(root.entries.items()))
    found = value.text if where.startswith("k") else key
    return value.kind == "text" and value.is_plain and found == text


def _quoted(text: str) -> str:
    signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    return f'"{"".join(signs.get(sign) or _printable(sign) for sign in text)}"'


def _printable(sign: str) -> str:
    return sign if sign.isprintable() else rf"\U{ord(sign):08x}"
