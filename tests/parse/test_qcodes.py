"""Codes to subjects, without any network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Subject
from ingest.parse.qcodes import resolve, scheme_aliases, subject_of

TRANSPORT = Subject(scheme="medtop", code="20000337", name="transport")


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (("medtop:20000337",), TRANSPORT),
        (("20000337",), TRANSPORT),
        (("20000337", "medtop"), TRANSPORT),
        (("medtop:20000337", "medtop"), TRANSPORT),
        (("20000337", "http://cv.iptc.org/newscodes/mediatopic/"), TRANSPORT),
        (("20000337", "https://cv.iptc.org/newscodes/mediatopic"), TRANSPORT),
        (("http://cv.iptc.org/newscodes/mediatopic/20000337",), TRANSPORT),
        (("20000337", "IPTC Media Topics"), TRANSPORT),
        (("20000337", None, "Verkehr"), TRANSPORT.model_copy(update={"name": "Verkehr"})),
        (("04015000",), Subject(scheme="subj", code="04015000", name="transport")),
        (("04015000", "IptcSubjectCodes"), Subject(scheme="subj", code="04015000", name="transport")),
        (("99999999",), Subject(code="99999999")),
        (("desk:sea",), Subject(scheme="desk", code="sea")),
        (("sea", "Harbour Desks"), Subject(scheme="Harbour Desks", code="sea")),
        (("http://cv.harbour.example/desk#sea",), Subject(scheme="http://cv.harbour.example/desk#", code="sea")),
        (("urn:newsml:harbour.example:1",), Subject(code="urn:newsml:harbour.example:1")),
        ((None, "medtop", "ferries"), Subject(scheme="medtop", name="ferries")),
        (("  ", "", " "), Subject()),
        (("x" * 500,), Subject(name="x" * 500)),
    ],
)
def test_subjects(given_: tuple[str | None, ...], expected: Subject) -> None:
    assert subject_of(*given_) == expected


def test_a_documents_own_schemes_go_before_iptcs_aliases() -> None:
    own = {"t": "http://cv.iptc.org/newscodes/mediatopic/", "medtop": "http://cv.harbour.example/topics/"}
    assert resolve("t:20000337", own) == TRANSPORT
    assert resolve("medtop:20000337", own).scheme == "medtop"
    assert resolve("nowhere:20000337", own) == Subject(scheme="nowhere", code="20000337")


def test_the_bundle_is_whole() -> None:
    assert scheme_aliases()["subj"] == "http://cv.iptc.org/newscodes/subjectcode/"
    for top in range(1, 18):
        assert subject_of(f"{top:02}000000", "subj").name
        assert subject_of(f"{top:02}000000", "medtop").name


@given(st.text(max_size=100), st.none() | st.text(max_size=60))
def test_any_text_is_a_subject(code: str, scheme: str | None) -> None:
    assert resolve(code).name != ""
    assert subject_of(code, scheme).code != ""
