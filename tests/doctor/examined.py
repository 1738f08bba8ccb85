"""What doctor says, for a test to look at."""

from openclaw_site.doctor import Finding, Level, examine


def found(check: str, process: str = "operator") -> list[Finding]:
    """The findings of one check."""
    return [finding for examined in examine(process=process, only=[check]) for finding in examined.findings]


def said(check: str, process: str = "operator") -> list[tuple[Level, str]]:
    return [(finding.level, finding.what) for finding in found(check, process)]


def levels(check: str, process: str = "operator") -> set[Level]:
    return {level for level, _ in said(check, process)}
