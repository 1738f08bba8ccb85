"""What stands before emulate and answers as Google would where emulate is too kind.

- Access tokens that are unknown, expired (one hour) or revoked: 401. Gmail without its scope, or writing with
  gmail.readonly: 403 with insufficientPermissions.
- Consent: only our OAuth client and its redirect addresses; a Cancel link (access_denied) and, for each account,
  boxes to keep a scope back. A refresh token comes only with access_type=offline, and again only with
  prompt=consent (for a form that says nothing of either it comes).
- The token answer names scopes as Google does (email is .../auth/userinfo.email). A code works once, for its
  redirect address. Revoking either token ends the whole grant, an unknown one is invalid_token.
- `users.getProfile` exists.
- `users.history.list` filters by the message's labels, leaves an empty `history` out, refuses what is no id (400) and
  one that was made too old (404, see `Google.expire_history`).
- A message or thread in format `full` has its parts as they came in, each with its headers and character set.
- `fields` keeps the named fields of an answer.

Still not as Google: no sign-in password and no consent screen per scope group, no verification of the app, no
limit of refresh tokens, no quota (see `gmail_fault`), history expires only on demand, a history id can have 21 digits
(Google's fit into 64 bits), and an attachment's id in format `full` can't be fetched.
"""
