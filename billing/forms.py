"""What members type about money."""

from django import forms


class DetailsForm(forms.Form):
    """What stands on invoices."""

    name = forms.CharField(
        label="Company, as it stands on invoices", max_length=200, required=False, help_text="Empty: as you signed up."
    )
    address = forms.CharField(label="Address", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    tax_id = forms.CharField(label="VAT or tax number", max_length=40, required=False)
    email = forms.EmailField(
        label="Where invoices go", required=False, help_text="Empty: to every owner.", max_length=254
    )
