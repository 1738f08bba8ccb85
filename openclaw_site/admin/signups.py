"""Sign-ups: who is on the way, and how far."""

from django.contrib import admin

from openclaw_site.admin.readonly import ReadOnlyAdmin
from tenants.models import Signup


@admin.register(Signup)
class SignupAdmin(ReadOnlyAdmin):
    """Companies that sign themselves up. What was typed and never confirmed is erased after some days."""

    list_display = ("company", "subdomain", "state", "created_at", "confirmed_at", "made_at", "customer")
    list_filter = ("state", "plan", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("customer",)
    search_fields = ("company", "subdomain", "email")
    date_hierarchy = "created_at"
    # The password's hash and Google's number are nobody's to read.
    fields = (
        "company",
        "subdomain",
        "person",
        "email",
        "plan",
        "state",
        "problem",
        "customer",
        "created_at",
        "expires_at",
        "mailed_at",
        "confirmed_at",
        "made_at",
        "signed_in_at",
    )
