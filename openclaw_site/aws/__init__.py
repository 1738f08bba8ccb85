"""The one place that talks to AWS: one small module a service, typed functions, errors in domain words.

Owns every call through boto3, its time limits and retries, and the translation of its exceptions
(`errors`). Knows no Django and no app: callers pass names, ARNs and addresses. Importing it loads
neither boto3 nor botocore; both come with the first call.

Modules: `bedrock`, `cache`, `clients`, `costs`, `database`, `ecs`, `errors`, `iam`, `identity`, `logs`, `metrics`,
`queues`, `secrets`, `storage`.
"""
