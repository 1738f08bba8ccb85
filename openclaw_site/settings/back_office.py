"""How the admin looks, and what its menu leads to. An entry is shown to those who have its permission."""

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse_lazy

from openclaw_site.staff.navigation import may

UNFOLD = {
    "SITE_TITLE": "OpenClaw",
    "SITE_HEADER": "OpenClaw back office",
    "SITE_ICON": lambda request: static("mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("mark.svg")}],
    "STYLES": [lambda request: static("back_office.css")],
    "SCRIPTS": [lambda request: static("back_office.js")],
    # The public pages' colour, in unfold's steps.
    "COLORS": {
        "primary": {
            "50": "#fdf5f2",
            "100": "#f9e8e2",
            "200": "#f2cfc4",
            "300": "#e7ac9c",
            "400": "#dd8a74",
            "500": "#d0705a",
            "600": "#963c29",
            "700": "#7a2e1d",
            "800": "#64271a",
            "900": "#522318",
            "950": "#2e110b",
        }
    },
    "SITE_URL": lambda request: settings.PUBLIC_BASE_URL,
    "SHOW_VIEW_ON_SITE": False,
    "ACCOUNT": {"navigation": "openclaw_site.staff.navigation.account_links"},
    "DASHBOARD_CALLBACK": "openclaw_site.admin.dashboard.dashboard",
    "ENVIRONMENT": "openclaw_site.admin.dashboard.fleet_paused_label",
    "SIDEBAR": {
        "navigation": [
            {
                "title": "Work",
                "items": [
                    {"title": "What needs a person", "icon": "home", "link": reverse_lazy("admin:index")},
                    {
                        "title": "Customers",
                        "icon": "storefront",
                        "link": reverse_lazy("admin:tenants_customer_changelist"),
                        "permission": may("tenants.view_customer"),
                    },
                    {
                        "title": "Sign-ups",
                        "icon": "person_add",
                        "link": reverse_lazy("admin:tenants_signup_changelist"),
                        "permission": may("tenants.view_signup"),
                    },
                    {
                        "title": "Runs",
                        "icon": "play_circle",
                        "link": reverse_lazy("admin:agents_agentrun_changelist"),
                        "permission": may("agents.view_agentrun"),
                    },
                    {
                        "title": "Agents",
                        "icon": "support_agent",
                        "link": reverse_lazy("admin:agents_agent_changelist"),
                        "permission": may("agents.view_agent"),
                    },
                    {
                        "title": "Provisionings",
                        "icon": "checklist",
                        "link": reverse_lazy("admin:tenants_provisioning_changelist"),
                        "permission": may("tenants.view_provisioning"),
                    },
                ],
            },
            {
                "title": "Money",
                "separator": True,
                "items": [
                    {
                        "title": "Subscriptions",
                        "icon": "autorenew",
                        "link": reverse_lazy("admin:billing_subscription_changelist"),
                        "permission": may("billing.view_subscription"),
                    },
                    {
                        "title": "Invoices",
                        "icon": "receipt",
                        "link": reverse_lazy("admin:billing_invoice_changelist"),
                        "permission": may("billing.view_invoice"),
                    },
                    {
                        "title": "Messages from Stripe",
                        "icon": "credit_card",
                        "link": reverse_lazy("admin:billing_paymentevent_changelist"),
                        "permission": may("billing.view_paymentevent"),
                    },
                    {
                        "title": "Costs",
                        "icon": "payments",
                        "link": reverse_lazy("admin:billing_costentry_changelist"),
                        "permission": may("billing.view_costentry"),
                    },
                    {
                        "title": "Usage",
                        "icon": "speed",
                        "link": reverse_lazy("admin:billing_usagerecord_changelist"),
                        "permission": may("billing.view_usagerecord"),
                    },
                    {
                        "title": "Budgets being spent",
                        "icon": "hourglass_bottom",
                        "link": reverse_lazy("admin:billing_budgetalert_changelist"),
                        "permission": may("billing.view_budgetalert"),
                    },
                    {
                        "title": "Losses",
                        "icon": "trending_down",
                        "link": reverse_lazy("admin:billing_lossalert_changelist"),
                        "permission": may("billing.view_lossalert"),
                    },
                    {
                        "title": "Prices",
                        "icon": "request_quote",
                        "link": reverse_lazy("admin:billing_price_changelist"),
                        "permission": may("billing.view_price"),
                    },
                ],
            },
            {
                "title": "Settings",
                "separator": True,
                "items": [
                    {
                        "title": "Plans",
                        "icon": "sell",
                        "link": reverse_lazy("admin:billing_plan_changelist"),
                        "permission": may("billing.view_plan"),
                    },
                    {
                        "title": "People",
                        "icon": "person",
                        "link": reverse_lazy("admin:tenants_user_changelist"),
                        "permission": may("tenants.view_user"),
                    },
                    {
                        "title": "Groups",
                        "icon": "group",
                        "link": reverse_lazy("admin:auth_group_changelist"),
                        "permission": may("auth.view_group"),
                    },
                    {
                        "title": "Support accesses",
                        "icon": "visibility",
                        "link": reverse_lazy("admin:tenants_supportaccess_changelist"),
                        "permission": may("tenants.view_supportaccess"),
                    },
                    {
                        "title": "Members",
                        "icon": "badge",
                        "link": reverse_lazy("admin:tenants_membership_changelist"),
                        "permission": may("tenants.view_membership"),
                    },
                ],
            },
        ],
    },
}
