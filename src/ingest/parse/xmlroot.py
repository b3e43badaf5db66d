"""Where an XML document begins: its root element, past the prolog and whatever stands before it. No parser is asked."""

import re
from typing import NamedTuple

MAX_JUNK = 65_536  # how far before the document PHP warnings and the like may reach
MAX_TAG = 20_000

_ROOT = re.compile(r"<([A-Za-z_][\w.-]{0,99}(?::[A-Za-z_][\w.-]{0,99})?)(?=[\s/>])")
_OPENING = re.compile(r"<[A-Za-z_?!]")
_ATTRIBUTE = re.compile(r"([\w.:-]{1,100})\s{0,20}=\s{0,20}(?:\"([^\"<]{0,2000})\"|'([^'<]{0,2000})')")
_LATER_ROOT = re.compile(r"<\?xml\s|<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]")
_IN_DOCTYPE = re.compile(r"[\"'\[\]>]|<!--")


class Root(NamedTuple):
    """Where the root element begins, what it is called and the rest of its tag (as written), and what stood before."""

    start: int
    name: str
    tag: str
    doctype: str | None
    after_junk: bool = False

    @property
    def attributes(self) -> dict[str, str]:
        return {name: double or single for name, double, single in _ATTRIBUTE.findall(self.tag)}

    @property
    def local(self) -> str:
        return self.name.rpartition(":")[2].lower()

    @property
    def namespace(self) -> str:
        prefix = self.name.rpartition(":")[0]
        return self.attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")


def find_root(text: str) -> Root | None:
    """The root element, past declaration, comments, DOCTYPE and, where a document starts after it, junk."""
    root = _root_from(text, 0)
    # A second document start inside another one is junk before it only if the junk is short HTML, such as a warning.
    if root is None or root.local not in {"br", "b", "p", "div", "font", "pre", "table", "script", "style"}:
        return root
    later = _LATER_ROOT.search(text, root.start + 1, root.start + MAX_JUNK)
    inner = _root_from(text, later.start()) if later else None
    return inner._replace(after_junk=True) if inner else root


def _root_from(text: str, at: int) -> Root | None:
    doctype = None
    while found := _OPENING.search(text, at):
        at = found.start()
        if text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!--", at):
            end = text.find("-->", at + 4)
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            end = _doctype_end(text, at + 9)
            doctype = text[at:end]
        elif found := _ROOT.match(text, at):
            end = text.find(">", found.end(), found.end() + MAX_TAG)
            return Root(at, found[1], text[found.end() : end if end >= 0 else found.end() + MAX_TAG], doctype)
        else:
            end = at + 1
        if end < 0:
            return None
        at = end
    return None


def _doctype_end(text: str, at: int) -> int:
    """After the `>` that closes the DOCTYPE, past quotes and the internal subset; -1 if it never closes."""
    depth = 0
    while mark := _IN_DOCTYPE.search(text, at):
        at = mark.end()
        if mark[0] in "\"'":
            at = text.find(mark[0], at) + 1
        elif mark[0] == "<!--":
            at = text.find("-->", at) + 1
        elif mark[0] == ">" and depth <= 0:
            return at
        else:
            depth += {"[": 1, "]": -1}.get(mark[0], 0)
        if at == 0:
            return -1
    return -1
