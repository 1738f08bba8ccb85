"""Members of all customers. One is added on the customer's page, by e-mail address. A customer keeps an owner."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from tenants.members.errors import LastOwner
from tenants.members.selectors import ownerless_without
from tenants.members.services import member_remove, member_role_put, owner_remains_check
from tenants.models import Membership, MembershipRole


class RoleForm(forms.ModelForm):
    """A member's role."""

    def clean_role(self) -> str:
        """The service's refusal, beside the field. What it locked stays so until the page's transaction ends."""
        role = str(self.cleaned_data["role"])
        if role != MembershipRole.OWNER:
            try:
                owner_remains_check(customer=self.instance.tenant, leaving=self.instance)
            except LastOwner as error:
                raise forms.ValidationError(f"{error} {error.next_action}") from None
        return role


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    """Who belongs to which customer. Only the role can be changed."""

    form = RoleForm
    list_display = ("user", "tenant", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "tenant")
    search_fields = ("user__email", "tenant__name", "tenant__slug")
    fields = ("tenant", "user", "role")
    readonly_fields = ("tenant", "user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The service sets the role."""
        member_role_put(customer=obj.tenant, membership_id=obj.id, role=obj.role)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """All of them, or, where a customer would lose its last owner, none."""
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        ids = [one.pk for one in objs]
        return deleted, counts, missing, [*protected, *last_owners(Membership.objects.filter(pk__in=ids))]

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """The service ends the person's sessions too."""
        member_remove(customer=obj.tenant, membership_id=obj.id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        """As one by one. What changed since the page asked is told."""
        for membership in queryset.select_related("tenant", "user"):
            try:
                self.delete_model(request, membership)
            except LastOwner as error:
                messages.error(request, f"{membership.user} stays in {membership.tenant}: {error} {error.next_action}")


def last_owners(memberships: QuerySet[Membership]) -> list[str]:
    """A line for each customer that would have no owner without these members."""
    return [f"The last owner of {one}. {LastOwner.next_action}" for one in ownerless_without(memberships=memberships)]
