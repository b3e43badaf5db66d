"""Captions: the words, the credit in brackets behind them, and where and when the picture was taken, if they say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TypeGuard

from ingest.clean.agencies import agency_of
from ingest.clean.credits import has_chain_form, is_bare, is_chain, label_at, labelled, read_credit, unlabelled
from ingest.clean.dates import find_date
from ingest.clean.pieces import Piece
from ingest.model import Image

_BRACKET = re.compile(r"[(\[（【]([^()\[\]（）【】\n]{2,160})[)\]）】]\s*[.。]?\s*$")
_CLOSING = (")", "]", "）", "】")
_STOP = re.compile(r"[.!?…”\"»|)。！？]\s*|\s[–—-]\s|\n")
# "Waves at the pier REUTERS/Bob Roe"
_HOUSE_FIRST = re.compile(
    r"(?<=\s)(?P<house>[^\W\d_][\w-]{1,19}(?:\sPhoto)?)\s?/\s?[^\W\d_][\w'’.-]{0,20}(?:\s[^\W\d_][\w'’.-]{0,20}){0,3}"
    r"(?:/(?:File Photo|Pool))?$"
)
_LOADING = re.compile(r"(?:laden|loading|wird geladen|chargement|cargando)\W*$", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")
_PLACE = re.compile(
    r"\b(?:in|at|near|outside|à|en|em|a|bei)\s+((?:[A-ZÀ-ÖØ-Þ][\w'’.-]{1,30}\s?){1,4}(?:,\s(?:[A-ZÀ-ÖØ-Þ][\w'’.-]{1,30}\s?){1,3})?)"
)
_LEAD = re.compile(
    r"^(?:FILE\s?(?:PHOTO)?\s?[-–—:]|A (?:file )?(?:photo|picture|view|general view)\b|ARCHIV\b|Archivbild)"
)


def read_caption(text: str, *, certain: bool) -> Image | None:
    """An image (without address) from a caption, or None if the text shows no credit and is not `certain`ly one."""
    caption, credit = _split(text, certain=certain)
    if credit is None and not certain:
        return None
    chain = read_credit(credit) if credit else None
    place, taken = _where_and_when(caption)
    return Image(
        caption=caption or None,
        credit=unlabelled(credit) or credit if credit else None,
        photographer=chain.photographer if chain else None,
        agency=chain.agency if chain else None,
        distributors=chain.distributors if chain else (),
        place=place,
        taken=taken,
    )


def _split(text: str, *, certain: bool) -> tuple[str, str | None]:
    bracket = _bracket_at_end(text)
    if bracket and (is_chain(bracket[1]) or ((certain or _LEAD.match(text)) and _is_credit(bracket[1]))):
        before = text[: len(text) - len(bracket[0])].rstrip()
        tail = label_at(before, max(0, len(before) - 100)) if agency_of(bracket[1]) else None
        if tail and tail[1]:  # "… Photo by Ann Lee (AFP)"
            return before[: tail[0]].rstrip(" |–—-\n"), text[tail[0] :].strip(" .")
        return before, bracket[1].strip()
    if not certain and (len(text) > 120 or not labelled(text)):
        return text, None
    start = max(0, len(text) - 160)
    tail = label_at(text, start)
    if tail and tail[1] and (certain or tail[0] == 0):
        return text[: tail[0]].rstrip(" |–—-\n"), text[tail[0] :].strip()
    if not certain:
        return text, None
    if len(text) <= 120 and (is_chain(text) or agency_of(unlabelled(text))):
        return "", text
    at = _chain_at(text, start) or (tail[0] if tail and not _LEAD.match(text) else -1)
    return (text[:at].rstrip(" |–—-\n"), text[at:].strip(" /|")) if at >= 0 else (text, None)


def _chain_at(text: str, start: int) -> int:
    """Where behind a caption's words a chain without a label begins: "A boat. EFE/Ana Ruiz"; 0 if none does."""
    for stop in _STOP.finditer(text, start):
        rest = text[stop.end() :].strip(" .")
        if is_chain(rest) or is_bare(rest) or agency_of(rest):
            return stop.end()
    house = _HOUSE_FIRST.search(text, start) if "/" in text else None
    return house.start() if house and agency_of(house["house"]) else 0


def _bracket_at_end(text: str) -> re.Match[str] | None:
    return _BRACKET.search(text[-200:]) if text.rstrip(" .。")[-1:] in _CLOSING else None


def _ends_in_chain(text: str) -> bool:
    bracket = _bracket_at_end(text) if len(text) <= 700 else None
    return bracket is not None and has_chain_form(bracket[1])


def _is_credit(text: str) -> bool:
    return agency_of(unlabelled(text)) is not None or labelled(text) or is_bare(text) or has_chain_form(text)


def _where_and_when(caption: str) -> tuple[str | None, date | None]:
    """The last place named before the date, since "on DATE" follows where the picture was taken."""
    when = find_date(caption[:1000]) if _YEAR.search(caption) else None
    if when is None:
        return None, None
    taken, start, end = when
    before = [m for m in _PLACE.finditer(caption[:start]) if start - m.end() <= 12]
    after = _PLACE.match(caption[end:].lstrip(" ,"))
    found = before[-1][1] if before else after[1] if after else ""
    return found.strip(" ,.") or None, taken


def filled(image: Image, more: Image) -> Image:
    """`image` with what it lacks from `more`."""
    lacking = {name: value for name, value in more if value and not getattr(image, name)}
    return image.model_copy(update=lacking) if lacking else image


def captioned(figure: Sequence[Piece]) -> list[Piece]:
    """The pieces of one figure, its words given to its images. A figure without an image is what it holds."""
    images = [piece for piece in figure if piece.image]
    words = [piece for piece in figure if piece.kind == "paragraph"]
    if not words or not any(_is_bare(piece.image) for piece in images):
        return list(figure)
    read = _read_lines("\n".join(piece.text for piece in words))
    told = [replace(piece, image=filled(piece.image, read)) if _is_bare(piece.image) else piece for piece in images]
    return [*told, *(piece for piece in figure if not piece.image and piece.kind != "paragraph")]


def _read_lines(text: str) -> Image:
    """The words of a figure: the credit may be a line of its own, before the caption or after it."""
    lines = [line for line in text.split("\n") if line and not _LOADING.match(line)]
    credits = [line for line in lines if _is_credit_line(line)] if len(lines) > 1 else []
    if len(credits) == 1:
        said = read_caption("\n".join(line for line in lines if line not in credits), certain=True) or Image()
        if not said.credit:  # else there are two, and one of them would be lost
            return filled(said, read_caption(credits[0], certain=True) or Image())
    return read_caption("\n".join(lines), certain=True) or Image()


def _is_credit_line(line: str) -> bool:
    return len(line) <= 120 and (line.startswith("©") or (labelled(line) and is_chain(line)))


def with_captions(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Paragraphs that are captions become images, or the caption of the image right before them."""
    out: list[Piece] = []
    for piece in pieces:
        image = _caption_in(piece, after_image=bool(out and out[-1].image and not out[-1].image.caption))
        if image is None:
            out.append(replace(piece, caption=False) if piece.caption else piece)
        elif out and out[-1].image and _belongs(out[-1].image, image):
            out[-1] = replace(out[-1], image=filled(out[-1].image, image))
        else:
            out.append(Piece(kind="image", image=image))
    return tuple(out)


def _is_bare(image: Image | None) -> TypeGuard[Image]:
    return image is not None and not image.caption and not image.credit


def _belongs(before: Image, image: Image) -> bool:
    return not before.caption and not (before.credit and image.credit)


def _caption_in(piece: Piece, *, after_image: bool) -> Image | None:
    if not piece.prose or not piece.runs:
        return None
    text = piece.text
    if after_image and (piece.caption or _ends_in_chain(text) or (text.startswith("©") and _is_credit_line(text))):
        return read_caption(text, certain=True)
    if len(text) <= 120:
        return read_caption(text, certain=labelled(text) and is_chain(text))
    return read_caption(text, certain=False) if len(text) <= 700 and text.rstrip(" .。")[-1:] in _CLOSING else None
