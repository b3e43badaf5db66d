"""Each channel against a real server, with names and causes that a stranger wrote."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.alerts import ABOUT, Alert
from ingest.alerts.channels import open_channel, send
from ingest.alerts.letter import MAX_LINES, Letter, letter, trial_letter
from ingest.alerts.slack import payload
from ingest.alerts.told import AlertRow
from ingest.errors import BadConfig, NotSent
from ingest.notices import sign
from ingest.settings import Settings
from tests.alerts.servers import certificate, mailbox
from tests.hook import hook

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
HOSTILE = "<!channel> @here\r\nBcc: all@example.org <https://evil.example|Reset> \u202e<script>alert(1)</script> &amp;"
UI, DOCS = "https://airflow.example/", "https://docs.example/operations"


def row(what: str = HOSTILE, subject: str = "harbour") -> AlertRow:
    page = "/plugin/newsroom/newsroom/sources/harbour"
    alert = Alert(kind="source-silent", subject=subject, what=what, since=NOW, page=page)
    return AlertRow(alert=alert, tried_at=NOW)


def hostile() -> Letter:
    return letter([row(subject=HOSTILE)], [row(subject=HOSTILE)], UI, DOCS)


def settings(**values: object) -> Settings:
    return Settings.model_validate({"alerts": "", **values})


def test_slack_gets_blocks_in_which_nothing_mentions_or_links(monkeypatch: pytest.MonkeyPatch) -> None:
    with hook() as there:
        monkeypatch.setenv("OPS_SLACK", there.url)
        open_channel("slack:OPS_SLACK", settings()).send(hostile(), NOW)
    ((headers, body),) = there.got
    told = json.loads(body)
    assert headers["Content-Type"] == "application/json"
    assert told["parse"] == "none"
    header, *sections = told["blocks"]
    assert header["text"]["type"] == "plain_text"
    texts = [told["text"], *(section["text"]["text"] for section in sections)]
    marked = re.findall(r"<[^>]*>", "".join(texts))
    assert marked == [
        "<https://docs.example/operations#alert-source-silent|Runbook>",
        "<https://airflow.example/plugin/newsroom/newsroom/sources/harbour|Page>",
    ]
    assert all(section["text"]["verbatim"] for section in sections)
    assert all("&lt;!channel&gt;" in text for text in texts)


def test_slack_takes_the_longest_message() -> None:
    rows = [row("<" * 900, f"{'<' * 100}{number}") for number in range(60)]
    told = payload(letter(rows, rows, UI, DOCS))
    assert len(told["blocks"]) <= 50
    assert all(len(block["text"]["text"]) <= 3_000 for block in told["blocks"])
    assert len(told["blocks"][0]["text"]["text"]) <= 150


def test_a_digest_counts_what_it_leaves_out() -> None:
    many = letter([row(subject=f"source-{number}") for number in range(40)], [row()], UI, DOCS)
    assert len(many.begun) == MAX_LINES
    assert many.more == 40 - MAX_LINES
    assert "and 39 more" in many.subject
    assert f"And {40 - MAX_LINES} more" in many.text()
    assert "Over: a source is silent: harbour" in many.text()


def test_mail_has_no_header_and_no_markup_from_outside() -> None:
    with mailbox() as box:
        to = open_channel(
            "mailto:ops@example.org", settings(smtp=f"smtp://127.0.0.1:{box.port}?from=ingest@example.org")
        )
        to.send(hostile(), NOW)
    ((recipients, mail),) = box.got
    assert recipients == ["ops@example.org"]
    assert (mail["From"], mail["To"], mail["Bcc"]) == ("ingest@example.org", "ops@example.org", None)
    assert mail["Subject"].startswith("ingest: a source is silent: <!channel> @here Bcc: all@example.org")
    plain, html = (part.get_content() for part in mail.iter_parts())
    assert f"Runbook: {DOCS}#alert-source-silent" in plain
    assert "<script" not in html
    assert f'<a href="{DOCS}#alert-source-silent">Runbook</a>' in html
    assert "evil.example" in html
    assert '="https://evil' not in html


def test_a_password_goes_over_tls_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = certificate(tmp_path)
    with mailbox(context, b"geheim:/@") as box:
        smtp = f"smtp://ops%40example.org:geheim%3A%2F%40@127.0.0.1:{box.port}"
        with pytest.raises(NotSent, match="SSLCertVerificationError"):  # nobody we trust
            open_channel("mailto:a@example.org", settings(smtp=smtp)).send(trial_letter(), NOW)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        open_channel("mailto:a@example.org", settings(smtp=smtp)).send(trial_letter(), NOW)
        assert (box.is_tls, box.user, len(box.got)) == (True, "ops@example.org", 1)
        wrong = smtp.replace("geheim", "falsch")
        with pytest.raises(NotSent, match="SMTPAuthenticationError 535") as caught:
            open_channel("mailto:a@example.org", settings(smtp=wrong)).send(trial_letter(), NOW)
        assert "falsch" not in str(caught.value)
    with mailbox() as box, pytest.raises(NotSent, match="SMTPNotSupportedError"):  # one without TLS
        smtp = f"smtp://ops:geheim@127.0.0.1:{box.port}"
        open_channel("mailto:a@example.org", settings(smtp=smtp)).send(trial_letter(), NOW)
    assert box.got == []


def test_a_webhook_gets_json_signed_as_notices_are() -> None:
    with hook() as there:
        open_channel(there.url, settings(notice_key="0123456789abcdef")).send(hostile(), NOW)
    ((headers, body),) = there.got
    assert headers["X-Ingest-Signature"] == sign("0123456789abcdef", headers["X-Ingest-Timestamp"], body)
    (line,) = json.loads(body)["begun"]
    assert (line["kind"], line["severity"], line["runbook"]) == (
        "source-silent",
        "warning",
        f"{DOCS}#alert-source-silent",
    )
    assert "\n" not in line["what"]


def test_a_channel_that_fails_keeps_no_other_from_it_and_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with hook() as slack, hook() as web:
        slack.status = 404
        monkeypatch.setenv("OPS_SLACK", slack.url)
        named = f"slack:OPS_SLACK, slack:NOT_SET, pigeon:north, mailto:ops@example.org, {web.url}"
        sent = send(settings(alerts=named, notice_key="k" * 16), trial_letter(), NOW)
        assert len(web.got) == 1
    assert [one.error is None for one in sent] == [False, False, False, False, True]
    assert "HTTP status 404" in str(sent[0].error)
    assert "NOT_SET" in str(sent[1].error)
    assert "INGEST_SMTP" in str(sent[3].error)
    assert "s3cret" not in str(sent)


@pytest.mark.parametrize(
    "to", ["nobody", "a@example.org\nBcc: b@example.org", "a@example.org;b@example.org", "a@b <c@d>"]
)
def test_what_is_no_mail_address_is_refused(to: str) -> None:
    with pytest.raises(BadConfig):
        open_channel(f"mailto:{to}", settings(smtp="smtp://127.0.0.1:25"))


def test_a_webhook_of_slack_in_clear_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_SLACK", "http://hooks.slack.com/services/T0/B0/x")
    with pytest.raises(BadConfig, match="not https"):
        open_channel("slack:OPS_SLACK", settings())


def test_every_alert_has_a_runbook_and_a_place_in_the_list() -> None:
    docs = Path(__file__).parents[2] / "docs"
    runbooks = re.findall(r'<a id="alert-([a-z-]+)"></a>', (docs / "operations.md").read_text("utf-8"))
    listed = re.findall(
        r"^\| \[`([a-z-]+)`\]\(operations\.md#alert-\1\)", (docs / "alerts.md").read_text("utf-8"), re.M
    )
    assert sorted(runbooks) == sorted(ABOUT)
    assert listed == list(ABOUT)
