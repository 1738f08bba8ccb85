"""Foreign keys on (tenant_id, id) between public tables."""

from django.db import migrations

from tenants.isolation.operations import TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [TenantForeignKey("tenants_provisioningstep", "provisioning_id", "tenants_provisioning")]
