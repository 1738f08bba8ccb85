"""Sign-in on the public host."""

from django.urls import URLPattern, path

from tenants.members.views import invitations, public

urlpatterns: list[URLPattern] = [
    path("login/", public.SignInView.as_view(), name="sign_in"),
    path("logout/", public.sign_out, name="sign_out"),
    path("password/", public.password_forgotten, name="password_forgotten"),
    path("password/<uidb64>/<token>/", public.PasswordSetView.as_view(), name="password_set"),
    path("customers/", public.belongings, name="belongings"),
    path("invitation/", invitations.invitation, name="invitation"),
    path("hand-over/", public.hand_over, name="hand_over"),
]
