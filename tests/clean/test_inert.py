"""What a browser would run in mark-up as sent, after OWASP's cheat sheet of filter evasions: none of it comes out.

`body_html` is read again by a parser of its own: allowed elements alone, no attribute but a link's.
"""

from contextlib import suppress

import pytest
from selectolax.lexbor import LexborHTMLParser

from ingest.clean import clean_fragment
from ingest.clean.render import sanitised
from ingest.errors import NoContent

ALLOWED = {"p", "br", "a", "em", "strong", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"}
ALLOWED |= {"blockquote", "pre", "table", "tbody", "tr", "td"}
JS = "alert(1)"
VECTORS = (
    f"""
<script>{JS}</script>
<SCRIPT SRC=https://x.example/xss.js></SCRIPT>
<script/xss src="https://x.example/xss.js"></script>
<script/src="https://x.example/xss.js"></script>
<<script>{JS}//<</script>
<script src=https://x.example/xss.js?<B>
<script src=//x.example/.j>
<sc<script>ript>{JS}</sc</script>ript>
<script\x0b>{JS}</script>
<scr\x00ipt>{JS}</scr\x00ipt>
\\x3cscript\\x3e{JS}\\x3c/script\\x3e
&lt;script&gt;{JS}&lt;/script&gt;
&amp;lt;script&amp;gt;{JS}&amp;lt;/script&amp;gt;
+ADw-script+AD4-{JS}+ADw-/script+AD4-
¼script¾{JS}¼/script¾
<img src="javascript:{JS}">
<img src=javascript:{JS}>
<img src=JaVaScRiPt:{JS}>
<img src=`javascript:{JS}`>
<img \"\"\"><script>{JS}</script>\">
<img src=# onmouseover="{JS}">
<img src= onmouseover="{JS}">
<img onmouseover="{JS}">
<img src=/ onerror="{JS}"></img>
<img src=x onerror="&#0000106&#0000097{JS}">
<img src=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;{JS}>
<img src=&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A{JS}>
<img src="jav	ascript:{JS};">
<img src="jav&#x09;ascript:{JS};">
<img src="jav&#x0A;ascript:{JS};">
<img src=" &#14;  javascript:{JS};">
<img dynsrc="javascript:{JS}">
<img lowsrc="javascript:{JS}">
<img src='vbscript:msgbox("x")'>
<img style="xss:expr/*XSS*/ession({JS})">
<img src="x` `<script>{JS}</script>"` `>
<input type="image" src="javascript:{JS};">
<body background="javascript:{JS}">
<body onload={JS}>
<body onload!#$%&()*~+-_.,:;?@[/|\\]^`={JS}>
<bgsound src="javascript:{JS};">
<br size="&{{{JS}}}">
<link rel="stylesheet" href="javascript:{JS};">
<style>@import'https://x.example/xss.css';</style>
<style>li {{list-style-image: url("javascript:{JS}");}}</style><ul><li>x</ul>
<style>body{{-moz-binding:url("https://x.example/m.xml#xss")}}</style>
<meta http-equiv="refresh" content="0;url=javascript:{JS};">
<meta http-equiv="refresh" content="0;url=data:text/html base64,PHNjcmlwdD4=">
<iframe src="javascript:{JS};"></iframe>
<iframe src=# onmouseover="{JS}"></iframe>
<iframe srcdoc="<script>{JS}</script>"></iframe>
<frameset><frame src="javascript:{JS};"></frameset>
<table background="javascript:{JS}"><tr><td background="javascript:{JS}">x</table>
<div style="background-image: url(javascript:{JS})">x</div>
<div style="width: expression({JS});">x</div>
<xss style="behavior: url(xss.htc);">x
<base href="javascript:{JS};//"><a href="/x">x</a>
<object type="text/x-scriptlet" data="https://x.example/s.html"></object>
<embed src="data:image/svg+xml;base64,PHN2Zy8+" allowscriptaccess="always"></embed>
<svg/onload={JS}>
<svg><script>{JS}</script></svg>
<svg><a xlink:href="javascript:{JS}"><text>x</text></a></svg>
<svg><style><img src=x onerror={JS}></style></svg>
<math><mtext><table><mglyph><style><img src=x onerror={JS}></style></table></mtext></math>
<math href="javascript:{JS}">x</math>
<xml id="xss"><i><b><img src="javas<!-- -->cript:{JS}"></b></i></xml>
<a href="javascript:{JS}">x</a>
<a href="jAvAsCrIpT&colon;{JS}">x</a>
<a href="java\tscript:{JS}">x</a>
<a href="&#1;javascript:{JS}">x</a>
<a href="data:text/html,<script>{JS}</script>">x</a>
<a href="vbscript:x">x</a>
<a href="//x.example/\"onmouseover={JS} x=">x</a>
<a href='https://x.example/"onmouseover="{JS}'>x</a>
<a href="https://x.example/&quot;&gt;&lt;script&gt;{JS}&lt;/script&gt;">x</a>
<a onmouseover="{JS}">x</a>
<a href="https://x.example/" style="position:fixed;inset:0" target=_top id=x class=y name=z>x</a>
<details open ontoggle={JS}>x</details>
<video><source onerror="{JS}"></video>
<video poster=javascript:{JS}//></video>
<audio src=x onerror={JS}>
<marquee onstart={JS}>x</marquee>
<form action="javascript:{JS}"><input type=submit></form>
<button formaction="javascript:{JS}">x</button>
<isindex type=image src=1 onerror={JS}>
<select onfocus={JS} autofocus></select>
<textarea><img src=x onerror={JS}></textarea>
<noscript><p title="</noscript><img src=x onerror={JS}>"></noscript>
<title><img src=x onerror={JS}></title>
<template><img src=x onerror={JS}></template>
<plaintext><img src=x onerror={JS}>
<!--[if gte IE 4]><script>{JS}</script><![endif]-->
<!--><img src=x onerror={JS}>-->
<![CDATA[<script>{JS}</script>]]>
<?xml-stylesheet href="javascript:{JS}"?>
<% <img src=x onerror={JS}> %>
<p title="<script>{JS}</script>">x</p>
<p/onclick={JS}>x</p>
<p
onclick\n=\n"{JS}">x</p>
<li style=list-style:url(javascript:{JS}) onclick={JS}>x
<h1 onclick={JS}>x</h1><blockquote cite="javascript:{JS}">x</blockquote>
</p></td></div><script>{JS}</script><p>x
""".replace("<p\nonclick", "<p onclick")
    .strip()
    .split("\n")
)


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("is_text", [False, True], ids=["html", "text"])
def test_nothing_of_it_runs(vector: str, is_text: bool) -> None:
    html = ""
    for sent in (vector, f"<p>Before {vector} behind</p>", f"<table><tr><td>{vector}</table>", f"<pre>{vector}</pre>"):
        with suppress(NoContent):  # nothing was left
            html += clean_fragment(sent, url="https://a.example/b", is_text=is_text).body_html
    for node in LexborHTMLParser(html, is_fragment=True).css("*"):
        assert node.tag in ALLOWED
        assert set(node.attributes) <= ({"href", "rel"} if node.tag == "a" else set())
        assert (node.attributes.get("href") or "https://").startswith(("https://", "http://"))
    assert sanitised(html) == html  # nh3 finds nothing to take out either


def test_there_are_enough_vectors() -> None:
    assert len(VECTORS) >= 90
