"""What a published file is called: key or title, and when it was made, in the time zone asked for."""

from zoneinfo import ZoneInfo

from shared.core.format import About, Format


def file_name(about: About, form: Format) -> str:
    """Return a name in ASCII, like `users_20260131_180000.csv`."""
    return f"{about.question.report.key}_{_stamp(about)}.{form.extension}"


def titled_file_name(about: About, form: Format) -> str:
    """Return a name with the report's title in the language of the question, without blanks."""
    title = about.question.report.title.of(about.question.lang)
    return f"{title}_{_stamp(about)}.{form.extension}".replace(" ", "_")


def _stamp(about: About) -> str:
    local = about.generated_at.astimezone(ZoneInfo(about.question.time_zone))
    return local.strftime("%Y%m%d_%H%M%S")
