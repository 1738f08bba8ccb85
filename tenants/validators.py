"""What names and time zones there may be. Used by the models' fields, so every form and command says the same."""

import re
import unicodedata
from typing import Final
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError

_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

# Hosts that the platform uses, that mail and browsers give a meaning to, or that would pass for us.
_RESERVED = """
account accounts admin administrator api app apps assets auth autoconfig autodiscover aws billing blog cdn console
dashboard demo dev docs ftp git help host imap internal isatap local localhost login mail mailer mx news ns ns1 ns2
oauth openclaw ops platform pop portal postmaster production public root security signin signup smtp sso staff
staging static stats status stripe support system test wpad webmail webhook webhooks ws www
"""
RESERVED_SUBDOMAINS = frozenset(_RESERVED.split())

# Characters that look alike in a browser's address line, each as the one that stands for them all.
_ALIKE: Final = str.maketrans({"0": "o", "1": "i", "l": "i", "3": "e", "5": "s", "-": ""})


def validate_subdomain(value: str) -> None:
    """Raise ValidationError unless `value` can be a customer's subdomain."""
    if not _SUBDOMAIN.fullmatch(value):
        raise ValidationError(
            "Use 1 to 63 lower-case letters, digits or hyphens, beginning and ending with a letter or digit.",
            code="invalid_subdomain",
        )
    if value.startswith("xn--") or value[2:4] == "--":
        raise ValidationError("Hyphens may not stand in the third and fourth place.", code="invalid_subdomain")
    ours = _our_names()
    if value in ours:
        raise ValidationError(
            "“%(value)s” is reserved. Choose another subdomain.", code="reserved", params={"value": value}
        )
    if _shape(value) in {_shape(name) for name in ours}:
        raise ValidationError("This could be taken for one of our own addresses. Choose another.", code="reserved")


def _our_names() -> set[str]:
    """Reserved names, and those of our own two hosts where they stand beside the customers'."""
    end = f".{settings.CUSTOMER_DOMAIN}"
    hosts = {host.removesuffix(end) for host in (settings.PUBLIC_HOST, settings.ADMIN_HOST) if host.endswith(end)}
    return {*RESERVED_SUBDOMAINS, *settings.RESERVED_SUBDOMAINS, *hosts}


def _shape(value: str) -> str:
    """The same for all that look the same; other scripts' letters can't come this far."""
    return value.replace("rn", "m").replace("vv", "w").translate(_ALIKE)


def validate_display_name(value: str) -> None:
    """Raise ValidationError when a name holds control or invisible formatting characters, or nothing to read.

    Any script, quotes and punctuation are welcome: the name never reaches SQL, AWS names or a host.
    """
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in value):
        raise ValidationError("The name holds a control or invisible character. Remove it.", code="invalid_name")
    if not any(char.isalnum() for char in value):
        raise ValidationError("The name needs at least one letter or digit.", code="invalid_name")


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name not in available_timezones():
        raise ValidationError("There is no time zone “%(name)s”.", code="unknown", params={"name": name})
