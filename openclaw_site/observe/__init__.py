"""What can be seen of the running back office from outside: figures in CloudWatch, traces in X-Ray.

Owns what is measured and what leaves the process; the calls to AWS are `openclaw_site.aws`', the alarms Terraform's.

Modules: `queues` (how long messages wait), `selectors` and `figures` (what is counted), `tasks` (once a minute);
`tracing` (sets it up), `sampling` (what is traced), `tenant` and `marks` (whose work it is), `leaving` (what may be
told of it).
"""
