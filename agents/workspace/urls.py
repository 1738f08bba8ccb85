"""Pages of a customer's host. Its middleware lets only members of this customer in."""

from django.urls import URLPattern, path

from agents.workspace.views import account, connection, drafts, hours, leads, mail, profile, reading, team

urlpatterns: list[URLPattern] = [
    path("", reading.overview, name="overview"),
    path("messages/", reading.messages, name="messages"),
    path("leads/", leads.listing, name="leads"),
    path("leads/leads.csv", leads.table, name="leads_csv"),
    path("leads/<uuid:lead_id>/", leads.lead, name="lead"),
    path("drafts/", drafts.listing, name="drafts"),
    path("drafts/<uuid:draft_id>/", drafts.draft, name="draft"),
    path("drafts/<uuid:draft_id>/gmail/", drafts.gmail, name="draft_gmail"),
    path("briefs/", reading.briefs, name="briefs"),
    path("activity/", reading.activity, name="activity"),
    path("profile/", profile.profile, name="profile"),
    path("connection/", connection.status, name="connection"),
    path("connection/reconnect/", connection.reconnect, name="connection_reconnect"),
    path("connection/disconnect/", connection.disconnect, name="connection_disconnect"),
    path("hours/", hours.hours, name="hours"),
    path("hours/time-zone/", hours.time_zone, name="hours_time_zone"),
    path("team/", team.listing, name="team"),
    path("team/invite/", team.invite, name="team_invite"),
    path("team/leave/", team.leave, name="team_leave"),
    path("team/invitations/<uuid:invitation_id>/", team.invitation, name="team_invitation"),
    path("team/<uuid:membership_id>/", team.member, name="team_member"),
    path("mail/", mail.wishes, name="mail_wishes"),
    path("account/", account.overview, name="account"),
    path("account/exports/", account.exports, name="exports"),
    path("account/exports/<uuid:export_id>/", account.download, name="export_download"),
    path("account/close/", account.close, name="account_close"),
]
