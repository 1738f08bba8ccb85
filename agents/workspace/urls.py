"""Pages of a customer's host. Its middleware lets only members of this customer in."""

from django.urls import URLPattern, path

from agents.workspace.views import drafts, profile, reading

urlpatterns: list[URLPattern] = [
    path("", reading.overview, name="overview"),
    path("messages/", reading.messages, name="messages"),
    path("leads/", reading.leads, name="leads"),
    path("drafts/", drafts.listing, name="drafts"),
    path("drafts/<uuid:draft_id>/", drafts.draft, name="draft"),
    path("drafts/<uuid:draft_id>/gmail/", drafts.gmail, name="draft_gmail"),
    path("briefs/", reading.briefs, name="briefs"),
    path("profile/", profile.profile, name="profile"),
    path("activity/", reading.activity, name="activity"),
]
