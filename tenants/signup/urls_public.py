"""Pages of the sign-up, on the public host."""

from django.urls import URLPattern, path

from tenants.signup.views import begin, confirm, google, progress

urlpatterns: list[URLPattern] = [
    path("", begin.sign_up, name="sign_up"),
    path("subdomain/", begin.subdomain, name="signup_subdomain"),
    path("sent/", begin.sent, name="signup_sent"),
    path("sent/again/", begin.again, name="signup_again"),
    path("confirm/<token>/", confirm.confirm, name="signup_confirm"),
    path("progress/", progress.progress, name="signup_progress"),
    path("progress/steps/", progress.steps, name="signup_steps"),
    path("progress/choose/", progress.choose, name="signup_choose"),
    path("progress/connect/", progress.connect, name="signup_connect"),
    path("google/", google.begin, name="signup_google"),
]
