"""What a published file is called: key or title, and when it was made, in the time zone asked for."""

import re
from zoneinfo import ZoneInfo

from shared.core.format import About, Format


def file_name(about: About, form: Format) -> str:
    """Return a name in ASCII, like `users_20260131_180000.csv`; of a file of the PowerShell tool its own
    name of the report, `UserList_20260131_180000.csv`."""
    report, former = about.question.report, about.question.report.powershell
    name = report.key
    if about.question.powershell and former is not None:
        name = former.path.rpartition("/")[2]
    return f"{name}_{_stamp(about)}.{form.extension}"


def titled_file_name(about: About, form: Format) -> str:
    """Return a name with the report's title in the language of the question, without blanks.

    As the PowerShell tool had it, an underscore stands for whatever is no part of a word.
    """
    question = about.question
    title = question.report.title.of(question.lang)
    title = re.sub(r"\W", "_", title) if question.powershell else title.replace(" ", "_")
    return f"{title}_{_stamp(about)}.{form.extension}"


def _stamp(about: About) -> str:
    local = about.generated_at.astimezone(ZoneInfo(about.time_zone))
    return local.strftime("%Y%m%d_%H%M%S")
