"""The command line. Data goes to standard output, words to standard error.

Exit codes: 0 done, 1 something failed (the rest is still done), 2 wrong use. Commands import what they need when they
run, so that `ingest --help` is there at once.
"""

import typer

from ingest.cli import (
    admin,
    alerts,
    articles,
    care,
    governance,
    notices,
    quarantine,
    registry,
    replay,
    run,
    stages,
    state,
)
from ingest.cli.examples import add_examples
from ingest.cli.program import Program

app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # boxes around the help cost half a second
    help="Feeds and wires to clean, deduplicated, attributed articles. Settings: INGEST_* in the environment.",
)
app.command("run")(run.run)
app.command("websub")(run.websub)
app.command("backfill")(run.backfill)
app.command("replay")(replay.replay)
app.command("embargoes")(replay.embargoes)
app.command("fetch")(run.fetch)
app.command("parse")(stages.parse)
app.command("extract")(stages.extract)
app.command("clean")(stages.clean)
app.command("dedupe")(stages.dedupe)
app.command("articles")(articles.articles)
app.command("story")(articles.story)
app.add_typer(registry.app, name="sources")
app.command("setup")(admin.setup)
app.command("demo")(admin.demo)
app.command("doctor")(admin.doctor)
app.command("maintain")(admin.maintain)
app.command("verify")(care.verify)
app.add_typer(state.app, name="state")
app.add_typer(quarantine.app, name="quarantine")
app.command("takedown")(governance.takedown)
app.command("takedowns")(governance.takedowns)
app.command("notices")(notices.notices)
app.add_typer(alerts.app, name="alerts")
app.command("catalogue")(notices.catalogue)
app.command("audit")(governance.audit)
app.command("version")(admin.version)
add_examples(app)
