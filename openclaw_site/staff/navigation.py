"""What stands in the admin's menus, and for whom. Read by the settings, so it imports no model."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse


def may(permission: str) -> Callable[[HttpRequest], bool]:
    """For unfold's sidebar: the item is there for whoever has the permission (`app.view_model`)."""

    def holds(request: HttpRequest) -> bool:
        return request.user.has_perm(permission)

    return holds


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """The links under the person's name."""
    return [
        {"title": "Your sign-in", "link": reverse("staff_security")},
        {"title": "Change password", "link": reverse("admin:password_change")},
    ]
