"""A page as its leaves: the smallest pieces of text with block edges around them, in reading order."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.extract.text import squeeze

_BLOCKS = (
    "address,article,aside,blockquote,center,dd,details,dialog,div,dl,dt,fieldset,figcaption,figure,footer,form,h1,h2,h3,"
    "h4,h5,h6,header,hgroup,hr,li,main,menu,nav,ol,p,pre,section,summary,table,tbody,td,tfoot,th,thead,tr,ul,caption"
)
_BLOCK_TAGS = frozenset(_BLOCKS.split(","))
_NO_TEXT = [
    "script",
    "style",
    "template",
    "button",
    "select",
    "textarea",
    "object",
    "canvas",
    "head",
    "noscript",
    "rt",
    "rp",
]
MAX_LEAVES = 20_000  # a second or two
SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True)
class Leaf:
    """A piece of text, or an image (`key` is then empty).

    `owner` is the block it is all or part of; `path` holds the ids of all elements above it and `owner`'s, outermost
    first, `tags` their names. `key` is the text squeezed, for comparison.
    """

    at: int
    owner: LexborNode
    html: str
    text: str
    key: str
    path: tuple[int, ...] = field(repr=False)
    tags: tuple[str, ...] = field(repr=False)


def strip_noise(doc: LexborHTMLParser) -> None:
    """Take out what holds no text of the story. A <noscript> repeats the lazy image before it, an <rt> the word."""
    doc.strip_tags(_NO_TEXT, recursive=True)
    for drawing in doc.css("svg"):
        drawing.decompose()


def leaves(top: LexborNode) -> list[Leaf]:
    """The leaves under `top`, without recursion. At most MAX_LEAVES."""
    inner = _holders(top)
    found: list[Leaf] = []
    stack: list[tuple[LexborNode | None, list[LexborNode], tuple[int, ...], tuple[str, ...]]] = [(top, [], (), ())]
    while stack and len(found) < MAX_LEAVES:
        node, run, path, tags = stack.pop()
        if node is None:
            found.extend(_leaf(len(found), run, path, tags))
            continue
        here = (*path, node.mem_id), (*tags, node.tag or "")
        # Runs go through the stack with the blocks between them, to keep reading order.
        stack.extend(reversed([(block, part, *here) for block, part in _parts(node, inner)]))
    return found


def _holders(top: LexborNode) -> set[int]:
    """Ids of the elements that have a block somewhere inside."""
    found: set[int] = set()
    for block in top.css(_BLOCKS):
        up = block.parent
        while up is not None and up.mem_id not in found:
            found.add(up.mem_id)
            up = up.parent
    return found


def _parts(node: LexborNode, inner: set[int]) -> Iterator[tuple[LexborNode | None, list[LexborNode]]]:
    """The children of a node: blocks, and the runs of inline nodes between them, split at two line breaks in a row."""
    run: list[LexborNode] = []
    breaks = 0
    for child in node.iter(include_text=True):
        if child.tag in _BLOCK_TAGS or child.mem_id in inner:
            if run:
                yield None, run
            yield child, []
            run, breaks = [], 0
        elif child.tag == "br":
            breaks += 1
            run.append(child)
        elif breaks > 1 and not (child.is_text_node and not (child.text_content or "").strip()):
            yield None, run
            run, breaks = [child], 0
        elif not child.is_comment_node:
            breaks = breaks if child.is_text_node and not (child.text_content or "").strip() else 0
            run.append(child)
    if run:
        yield None, run


def _leaf(at: int, run: list[LexborNode], path: tuple[int, ...], tags: tuple[str, ...]) -> Iterator[Leaf]:
    text = "".join(" " if n.tag == "br" else n.text() for n in run).replace(SOFT_HYPHEN, "")
    key = squeeze(text)
    has_image = any(n.tag in {"img", "picture"} or (n.is_element_node and n.css_first("img")) for n in run)
    if key or has_image:
        owner = run[0].parent
        assert owner is not None
        yield Leaf(
            at,
            owner,
            "".join(n.html or "" for n in run).replace(SOFT_HYPHEN, ""),
            " ".join(text.split()),
            key,
            path,
            tags,
        )
