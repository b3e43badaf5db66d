"""What an alert is, and what is known of each kind."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from ingest.model import Model

Kind = Literal[
    "source-silent",
    "source-flood",
    "source-failing",
    "source-rejects",
    "source-late",
    "source-thin",
    "failure-share",
    "nothing-landed",
    "run-failed",
    "run-late",
    "kill-undelivered",
    "hook-down",
    "store-unreachable",
    "state-unreachable",
]
Severity = Literal["critical", "warning"]


class About(NamedTuple):
    severity: Severity
    title: str
    todo: str  # a sentence; the runbook says more


ABOUT: dict[Kind, About] = {
    "source-silent": About("warning", "a source is silent", "Open its feed in a browser: has it moved?"),
    "source-flood": About("warning", "a source floods", "See what came: changed guids, a backlog, or spam?"),
    "source-failing": About("warning", "a source fails", "`ingest fetch --source ID` shows why."),
    "source-rejects": About("warning", "a source cannot be read", "See its items in quarantine; a rule may help."),
    "source-late": About("warning", "a source is late", "Ask its publisher, or ask the source more often."),
    "source-thin": About("warning", "texts of a source are cut off", "Open one of its new articles: a paywall?"),
    "failure-share": About("critical", "many sources fail", "Look at network, DNS and proxy first, then at each."),
    "nothing-landed": About("critical", "nothing lands", "Is the scheduler up, and is `syndication` not paused?"),
    "run-failed": About("critical", "a run failed", "Read the log of its red task; clearing it is safe."),
    "run-late": About("critical", "a run is late", "See which task still runs, and for which host."),
    "kill-undelivered": About("critical", "a kill was not delivered", "Tell its readers by other means first."),
    "hook-down": About("warning", "a webhook takes no notices", "Is it up, and does its address still hold?"),
    "store-unreachable": About("critical", "the store does not answer", "`ingest doctor`; runs go on when it is back."),
    "state-unreachable": About("critical", "the state does not answer", "`ingest doctor`; is the database up?"),
}
OF_A_RUN: tuple[Kind, ...] = ("run-failed", "run-late")  # said by whoever saw it; the others are looked for each time


class Alert(Model):
    """One thing that is wrong. Kind and subject tell alerts apart, so that one that lasts is told once.

    `subject` is a source, a DAG, a webhook's host, or "" for what there is one of. `page` is its page in the Airflow
    UI, without the address of the server.
    """

    kind: Kind
    subject: str = ""
    what: str
    since: datetime
    page: str = ""

    @property
    def about(self) -> About:
        return ABOUT[self.kind]

    @property
    def anchor(self) -> str:
        """Of its runbook, in docs/operations.md."""
        return f"alert-{self.kind}"


def urgency(alert: Alert) -> tuple[bool, str, str]:
    """To sort by: what cannot wait comes first."""
    return (alert.about.severity != "critical", alert.kind, alert.subject)
