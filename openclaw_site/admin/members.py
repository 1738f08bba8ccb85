"""Members of all customers. One is added on the customer's page, by e-mail address."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from tenants.members.services import member_remove
from tenants.models import Membership


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    """Who belongs to which customer. Only the role can be changed."""

    list_display = ("user", "tenant", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "tenant")
    search_fields = ("user__email", "tenant__name", "tenant__slug")
    fields = ("tenant", "user", "role")
    readonly_fields = ("tenant", "user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """The service ends the person's sessions too."""
        member_remove(customer=obj.tenant, membership_id=obj.id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        """As one by one."""
        for membership in queryset.select_related("tenant"):
            self.delete_model(request, membership)
