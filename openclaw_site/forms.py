"""How forms are rendered everywhere: a refused form comes back with the focus on the first field that is wrong."""

from typing import Any

from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates


class FocusingField(BoundField):
    """Has `autofocus` while it is the first with an error. Needs no JavaScript."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        """In the order in which the form shows its fields."""
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        wrong = self.form.errors
        if wrong:
            built["autofocus"] = self.name == next((name for name in self.form.fields if name in wrong), "")
        return built


class Renderer(DjangoTemplates):
    """Django's own, with these fields."""

    bound_field_class = FocusingField
