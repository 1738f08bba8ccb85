"""What an account still has of the environment, and what refuses to be deleted while data is protected."""

from botocore.exceptions import ClientError

from tests.platform.apply.environment import AppliedEnvironment
from tests.platform.terraform.cli import TerraformFailed


def refusals(environment: AppliedEnvironment) -> dict[str, str]:
    """What Terraform says to who destroys at once, and AWS to who goes around Terraform."""
    answers = {"destroy": "", "database": "", "bucket": ""}
    bucket = environment.outputs()["environment"]["AGENT_BUCKET"]
    environment.client("s3").put_object(Bucket=bucket, Key="kept/x", Body=b"kept")
    try:
        environment.destroy()
    except TerraformFailed as error:
        answers["destroy"] = str(error)
    try:
        environment.client("rds").delete_db_instance(DBInstanceIdentifier="openclaw-dev", SkipFinalSnapshot=True)
    except ClientError as error:
        answers["database"] = error.response["Error"]["Code"]
    try:
        environment.client("s3").delete_bucket(Bucket=bucket)
    except ClientError as error:
        answers["bucket"] = error.response["Error"]["Code"]
    return answers


def left(environment: AppliedEnvironment) -> dict[str, list[str]]:
    """What the account still has of the environment."""
    client = environment.client
    return {
        "tagged": [arn for arn in environment.tagged() if not _has_ended(environment, arn)],
        "clusters": [
            one["clusterName"]
            for one in client("ecs").describe_clusters(clusters=client("ecs").list_clusters()["clusterArns"])[
                "clusters"
            ]
            if one["status"] == "ACTIVE"
        ],
        "databases": [db["DBInstanceIdentifier"] for db in client("rds").describe_db_instances()["DBInstances"]],
        "buckets": [b["Name"] for b in client("s3").list_buckets()["Buckets"] if "state" not in b["Name"]],
        "queues": client("sqs").list_queues().get("QueueUrls", []),
        "secrets": [s["Name"] for s in client("secretsmanager").list_secrets()["SecretList"] if "rds" not in s["Name"]],
        "roles": [r["RoleName"] for r in client("iam").list_roles(PathPrefix="/openclaw/")["Roles"]],
        "policies": [p["PolicyName"] for p in client("iam").list_policies(PathPrefix="/openclaw/")["Policies"]],
        "load_balancers": [lb["LoadBalancerName"] for lb in client("elbv2").describe_load_balancers()["LoadBalancers"]],
        "log_groups": [
            g["logGroupName"]
            for g in client("logs").describe_log_groups()["logGroups"]
            if "openclaw" in g["logGroupName"]
        ],
        "repositories": [r["repositoryName"] for r in client("ecr").describe_repositories()["repositories"]],
    }


def _has_ended(environment: AppliedEnvironment, arn: str) -> bool:
    """Whether AWS shows it for a while yet, as a thing that has ended; or it is bootstrap's, which stays."""
    service, rest = arn.split(":", 5)[2], arn.split(":", 5)[5]
    kind, _, name = rest.partition("/")
    client = environment.client
    match service, kind:
        case "ec2", "natgateway":
            [found] = client("ec2").describe_nat_gateways(NatGatewayIds=[name])["NatGateways"]
            return bool(found["State"] == "deleted")
        case "ecs", "cluster":
            return all(
                one["status"] == "INACTIVE" for one in client("ecs").describe_clusters(clusters=[arn])["clusters"]
            )
        case "ecs", "service":
            cluster, _, service_name = name.partition("/")
            found = client("ecs").describe_services(cluster=cluster, services=[service_name])["services"]
            return all(one["status"] == "INACTIVE" for one in found)
        case "ecs", "task-definition":
            found = client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
            return bool(found["status"] == "INACTIVE")
        case "kms", "key":
            return bool(client("kms").describe_key(KeyId=name)["KeyMetadata"]["KeyState"] == "PendingDeletion")
        case "s3", bucket:
            return "terraform-state" in bucket
    # RDS's own snapshots go with the instance some days later.
    return rest.startswith("snapshot:rds:")
