"""Mail: RFC 5322 messages, and mbox files of several. One message becomes one entry.

Specs: RFC 5322, 2045 to 2047, 2231, 3676 (format=flowed). Header lines at the top of the text (see `headerlines`), or a
form's answers sent as JSON, say more than the mail's own headers, and go before them.
"""

import re
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr

import orjson

from ingest.errors import Malformed
from ingest.model import Association, Entry, Image, Parsed, Payload, Reject, Removed
from ingest.parse.decode import body_of
from ingest.parse.detect import Sniff
from ingest.parse.fields import language_of, people_of
from ingest.parse.headerlines import Headers, take, told
from ingest.parse.jsonobject import words_of
from ingest.parse.limits import MAX_ITEMS, MAX_LINES
from ingest.parse.mailparts import Body, Bounded, File, body_in, files_in, header, plain_in
from ingest.parse.wirexml import Notes, standing

NAMES = ("mail", "rfc5322", "rfc822", "email", "mbox")

# Ours → the mail's header; what a desk writes at the top of the text goes before it.
FIELDS = {
    "guid": "Message-ID", "headline": "Subject", "byline": "From", "published": "Date", "updated": "Date",
    "language": "Content-Language", "provider": "Organization", "keywords": "Keywords", "associations": "In-Reply-To",
    "expires": "Expires",
}  # fmt: skip
TOLD = FIELDS | {
    "html": "the HTML alternative, else the text; without its signature",
    "authors": "names in `From`",
    "pub_status": "the desk's words in `Subject`",
    "instruction": "the desk's words in `Subject`",
    "embargoed_until": "the desk's words in `Subject`",
    "info_sources": "the address in `From`",
    "associations": "`In-Reply-To`; files, by name and type",
    "images": "pictures that the HTML shows by `cid:`",
}
REJECTS = {
    "bad-item": "no mail header in it", "report-item": "a delivery report",
    "too-deep": "over 100 multiparts or messages within one another",
    "too-long": f"over {MAX_ITEMS:,} parts, {MAX_LINES:,} lines or 10,000 of them headers in one message",
    "empty-item": "no subject, no text and no file",
}  # fmt: skip
KNOWN = "plain, HTML and multipart mail, mbox files, desks' header lines, forms that send JSON"
MAX_MULTIPARTS = 100  # in one message; `email` takes quadratic time for boundaries within boundaries
MAX_MESSAGES = 5_000
MAX_HEADERS = 10_000  # lines of them; a mail that went through many hands has 200
MAX_ADDRESS = 200  # characters; `email` recurses into comments and groups
_POLICY = Bounded()
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40}):(?:[ \t]|$)")
_OF_MAIL = {
    "received", "return-path", "message-id", "mime-version", "delivered-to", "dkim-signature", "x-received",
    "content-transfer-encoding", "received-spf", "arc-seal", "x-mailer", "reply-to", "in-reply-to", "envelope-to",
}  # fmt: skip
_BASIC = {"from", "to", "subject", "date", "cc", "sender"}
_MBOX = re.compile(rb"(?:\A|\r?\n\r?\n)From [^\r\n]{1,200} \d{4}[^\r\n]{0,20}\r?\n")
_WITHIN = re.compile(rb"^content-type:\s{0,99}message/", re.IGNORECASE | re.MULTILINE)
_FOLDED = re.compile(r"\r?\n ?")
_SIGNATURE = re.compile(r"\n-- ?\n")
_REPLY = re.compile(r"(?:(?:re|fwd?|aw|wg|sv|vs|tr|rv|antw|r|i)\s?(?:\[\d{1,2}\])?:\s{0,3}){1,5}", re.IGNORECASE)


def claims(sniff: Sniff) -> bool:
    """A header that only mail has beside one of the usual, at the very top; or an mbox file's From line."""
    head = sniff.head.lstrip()
    if not head.startswith("From ") and not _FIELD.match(head):
        return False
    lines = head.split("\n", 60)[:60]
    if lines[0].startswith("From ") and len(lines) > 1:
        lines = lines[1:]
    names: set[str] = set()
    for line in lines:
        found = _FIELD.match(line)
        if found is None and not (names and line[:1] in {" ", "\t"}):
            break
        names |= {found[1].lower()} if found else set()
    return bool(names & _OF_MAIL and names & _BASIC) or {"from", "to", "subject", "date"} <= names


def parse(payload: Payload) -> Parsed:
    """Raises Malformed where there is no mail header at all. Files are named in `associations`, never opened."""
    read = [_read(raw, payload, number) for number, raw in enumerate(_messages(body_of(payload).lstrip()), 1)]
    if len(read) == 1 and isinstance(read[0], Reject):
        raise Malformed(payload.url, read[0].detail or read[0].code, "look at the stored payload")
    return Parsed(
        format="mail",
        entries=tuple(one for one in read if isinstance(one, Entry)),
        rejects=tuple(one for one in read if isinstance(one, Reject)),
    )


def _messages(body: bytes) -> list[bytes]:
    starts = list(_MBOX.finditer(body))[:MAX_MESSAGES]
    if not starts or starts[0].start():
        return [body]
    ends = [*(found.start() for found in starts[1:]), len(body)]
    # mbox quotes lines of the text that begin like a separator
    return [body[found.end() : end].replace(b"\n>From ", b"\nFrom ") for found, end in zip(starts, ends, strict=True)]


def _read(raw: bytes, payload: Payload, number: int) -> Entry | Reject:
    place = f"message {number}"
    boundaries = raw.lower().count(b"boundary=")
    if boundaries > MAX_MULTIPARTS or len(_WITHIN.findall(raw)) > MAX_MULTIPARTS:
        return Reject(code="too-deep", place=place, detail=f"more than {MAX_MULTIPARTS} multiparts in one message")
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    is_long = head.count(b"\n") > MAX_HEADERS or raw.count(b"\n") > MAX_LINES
    if is_long or (boundaries and raw.count(b"\n--") > MAX_ITEMS):
        return Reject(code="too-long", place=place, detail=REJECTS["too-long"])
    mail = message_from_bytes(raw, policy=_POLICY)
    if not mail.keys():
        return Reject(code="bad-item", place=place, detail="no mail header in it")
    if mail.get_content_type() == "multipart/report":
        return Reject(code="report-item", place=place, detail="a delivery report is no article")
    entry = _entry(mail, payload)
    if not (entry.headline or entry.html or entry.associations or entry.images):
        return Reject(code="empty-item", place=place, detail="no subject, no text and no file")
    return entry


def _entry(mail: Message, payload: Payload) -> Entry:
    notes, body, files = Notes(payload.zone), body_in(mail), files_in(mail)
    subject = header(mail, FIELDS["headline"])
    sender, address = parseaddr((header(mail, FIELDS["byline"]) or "")[:MAX_ADDRESS])
    date = notes.time(header(mail, FIELDS["published"]), "Date")
    desk = _desk(plain_in(mail))
    stand = standing(None, None, None, (subject,), date, notes)
    text, removed = _text(desk, body)
    entry = Entry(
        guid=_id(header(mail, FIELDS["guid"])),
        headline=_REPLY.sub("", subject, count=1).strip() or subject if subject else None,
        html=text.text if text else None,
        html_is_text=text is not None and not text.is_html,
        is_full=text is not None,
        byline=sender or None,
        authors=people_of([sender]),
        language=language_of(header(mail, FIELDS["language"]), payload.language),
        published=date,
        updated=date,
        expires=notes.time(header(mail, FIELDS["expires"]), "Expires"),
        pub_status=stand.pub_status,
        instruction=stand.instruction,
        embargoed_until=stand.embargoed_until,
        keywords=tuple(word.strip() for word in (header(mail, FIELDS["keywords"]) or "").split(",") if word.strip()),
        info_sources=tuple(one for one in (address,) if one),
        provider=header(mail, FIELDS["provider"]),
        images=tuple(Image(url=f"cid:{one.cid}", alt=one.name) for one in files if _is_shown(one)),
        associations=(*_answered(mail), *(_association(one) for one in files if not _is_shown(one))),
        removed=removed,
        warnings=tuple(notes.warnings),
    )
    return told(desk, entry, payload) if desk else entry


def _desk(plain: str | None) -> Headers | None:
    """What a desk wrote at the top of the text, or what a form sent as JSON ({"Headline": ["…"], "Body": …})."""
    if plain is None:
        return None
    if plain.lstrip().startswith("{"):
        return _form(plain)
    headers = take(plain)
    return headers if headers.is_sure else None


def _form(plain: str) -> Headers | None:
    try:
        form = orjson.loads(_FOLDED.sub(" ", plain))  # mail breaks long lines within strings
    except orjson.JSONDecodeError:
        return None
    if not isinstance(form, dict):
        return None
    answers = {str(key).strip(): words_of(value) or "" for key, value in form.items()}
    body = next((answers.pop(key) for key in list(answers) if key.lower() == "body"), "")
    headers = take("\n".join(f"{key}: {' '.join(value.split())}" for key, value in answers.items()) + f"\nBody: {body}")
    return headers if headers.is_sure else None


def _text(desk: Headers | None, body: Body | None) -> tuple[Body | None, tuple[Removed, ...]]:
    """The text without the desk's lines and, of plain text, the signature."""
    chosen = Body(desk.body, False) if desk and desk.body else body
    if chosen is None or chosen.is_html:
        return chosen, ()
    cut = _SIGNATURE.search(f"\n{chosen.text}")
    if cut is None:
        return (chosen if chosen.text.strip() else None), ()
    text, signature = chosen.text[: max(0, cut.start() - 1)], chosen.text[cut.end() - 1 :].strip()
    removed = (Removed(kind="other", text=signature, rule="mail-signature"),) if signature else ()
    return (Body(text, False) if text.strip() else None), removed


def _id(value: str | None) -> str | None:
    return (value or "").strip().strip("<>").strip() or None


def _answered(mail: Message) -> tuple[Association, ...]:
    guid = _id(header(mail, FIELDS["associations"]))
    return (Association(rel="related", guid=guid),) if guid else ()


def _is_shown(file: File) -> bool:
    return file.mime.startswith("image/") and file.cid is not None


def _association(file: File) -> Association:
    return Association(rel="attachment", guid=file.cid, type=file.mime, headline=file.name)
