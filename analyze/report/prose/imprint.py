"""Findings -> what a document needs to be found and made again: date, version, digest of the data, command."""

import os
from datetime import UTC, datetime

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report.words import naming
from analyze.report.words.catalogue import Catalogue


def imprint(findings: Findings, words: Catalogue) -> list[Markup]:
    """One line each; a study's tables hold no date, so that there is one only where SOURCE_DATE_EPOCH is set."""
    made, epoch = findings.methods.get("analysed_with"), os.environ.get("SOURCE_DATE_EPOCH")
    digest = findings.methods.get("parts_digest")
    found = []
    if epoch:
        day = datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
        found.append(words("imprint.date", date=Markup('<time datetime="{0}">{0}</time>').format(day)))
    if isinstance(made, list) and made:
        found.append(words("imprint.version", version=naming.fact(made[0])))
    found.append(words("imprint.digest", digest=naming.fact(digest)) if digest else words("imprint.no_digest"))
    found.append(words("imprint.command", command=_command(findings, words)))
    return found


def _command(findings: Findings, words: Catalogue) -> Markup:
    """The command that makes this document."""
    language = "" if words.lang == "en" else Markup("<code> --lang {}</code>").format(words.lang)
    return naming.fact(findings.study.command) + language
