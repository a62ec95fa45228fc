"""Reads HTML for tests: which elements with which attributes there are, and which text stands inside which."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "input", "hr", "br", "link"}


@dataclass
class Read(HTMLParser):
    text: str
    shape: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    attributes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    declarations: int = 0

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.text)
        self.close()
        assert self._open == [], f"left open: {self._open}"

    def handle_decl(self, decl):
        self.declarations += 1

    def handle_comment(self, data):
        self.shape.append(("comment", ()))

    def handle_starttag(self, tag, attrs):
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        self.attributes.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if data.strip() and self._open[-1:] not in (["style"], ["script"]):
            self.texts.append((tuple(self._open), data))

    def words(self) -> str:
        return " ".join(" ".join(text for _, text in self.texts).split())

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.attributes if attribute in attributes]

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.shape)

    def inside(self, tag: str) -> str:
        return " ".join(text for stack, text in self.texts if tag in stack)
