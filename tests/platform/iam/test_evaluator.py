"""The evaluator against AWS's published rules and examples; each table names the page of the IAM user guide."""

from typing import Any

import pytest

from tests.platform.iam.evaluator import Decision, Policy, Principal, Request, Unsupported, decide, trusts

ARN = "arn:aws:iam::123456789012:role/somebody"


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy.of({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Any, resources: Any = "*", condition: Any = None, effect: str = "Allow") -> dict[str, Any]:
    extra = {"Condition": condition} if condition else {}
    return {"Effect": effect, "Action": actions, "Resource": resources, **extra}


def asked(statements: list[dict[str, Any]], action: str, resource: str = "*", **more: Any) -> Decision:
    tags = more.pop("tags", {})
    principal = Principal(ARN, [policy(*statements)], boundary=more.pop("boundary", None), tags=tags)
    return decide(principal, Request(action, resource, **more))


def in_context(condition: Any, context: dict[str, Any]) -> bool:
    return asked([allow("s3:GetObject", condition=condition)], "s3:GetObject", context=context) == Decision.ALLOWED


# -- "Policy evaluation logic": the order of refusal, grant and nothing -----------------------------------


def test_nothing_is_allowed_by_default() -> None:
    assert asked([allow("s3:GetObject")], "s3:PutObject") == Decision.NOT_ALLOWED


def test_a_refusal_wins_over_a_grant() -> None:
    both = [allow("s3:*"), allow("s3:DeleteObject", effect="Deny")]
    assert asked(both, "s3:DeleteObject") == Decision.DENIED
    assert asked(both, "s3:GetObject") == Decision.ALLOWED


# "Permissions boundaries for IAM entities": the example of a user with a boundary of s3, cloudwatch and ec2, and a
# policy for iam:CreateUser, who can't make one.
def test_a_boundary_takes_away_and_gives_nothing() -> None:
    boundary = policy(allow(["s3:*", "cloudwatch:*", "ec2:*"]))
    assert asked([allow("iam:CreateUser")], "iam:CreateUser", boundary=boundary) == Decision.NOT_ALLOWED
    assert asked([allow("iam:CreateUser")], "s3:GetObject", boundary=boundary) == Decision.NOT_ALLOWED
    assert asked([allow("s3:GetObject")], "s3:GetObject", boundary=boundary) == Decision.ALLOWED


def test_a_boundarys_refusal_is_one() -> None:
    boundary = policy(allow("*"), allow("logs:*", effect="Deny"))
    assert asked([allow("*")], "logs:GetLogEvents", boundary=boundary) == Decision.DENIED


# -- "IAM JSON policy elements": Action, NotAction, Resource, NotResource --------------------------------


@pytest.mark.parametrize(
    ("pattern", "action", "is_allowed"),
    [
        ("s3:*", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:getobject", "s3:GetObject", True),
        ("S3:GETOBJECT", "s3:GetObject", True),
        ("iam:*AccessKey*", "iam:CreateAccessKey", True),
        ("iam:*AccessKey*", "iam:CreateUser", False),
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("s3:?etObject", "s3:GetObject", True),
        ("*", "ec2:RunInstances", True),
    ],
)
def test_actions(pattern: str, action: str, is_allowed: bool) -> None:
    assert (asked([allow(pattern)], action) == Decision.ALLOWED) == is_allowed


@pytest.mark.parametrize(
    ("pattern", "resource", "fits"),
    [
        ("arn:aws:s3:::examplebucket/*", "arn:aws:s3:::examplebucket/photos/1.jpg", True),
        ("arn:aws:s3:::examplebucket/*", "arn:aws:s3:::examplebucket", False),
        ("arn:aws:s3:::*/test/*", "arn:aws:s3:::bucket/1/2/test/object.jpg", True),
        ("arn:aws:s3:::*/test/*", "arn:aws:s3:::bucket/prod/object.jpg", False),
        ("arn:aws:s3:::ABC/*", "arn:aws:s3:::abc/x", False),
        ("arn:aws:iam::123456789012:role/t?st", "arn:aws:iam::123456789012:role/test", True),
    ],
)
def test_resources(pattern: str, resource: str, fits: bool) -> None:
    assert (asked([allow("s3:GetObject", pattern)], "s3:GetObject", resource) == Decision.ALLOWED) == fits


# The guide's example of NotAction with Deny: everything but S3 is refused.
def test_not_action_with_deny() -> None:
    statements = [allow("*"), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}]
    assert asked(statements, "ec2:RunInstances") == Decision.DENIED
    assert asked(statements, "s3:GetObject") == Decision.ALLOWED


# The guide's example of NotResource: S3 outside HRBucket/Payroll is refused.
def test_not_resource_with_deny() -> None:
    outside = {
        "Effect": "Deny",
        "Action": "s3:*",
        "NotResource": ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"],
    }
    statements = [allow("s3:*"), outside]
    assert asked(statements, "s3:GetObject", "arn:aws:s3:::HRBucket/Payroll/x") == Decision.ALLOWED
    assert asked(statements, "s3:GetObject", "arn:aws:s3:::HRBucket/Benefits/x") == Decision.DENIED


# -- "IAM policy elements: Variables and tags" ----------------------------------------------------------------

HOME = allow("s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/${aws:PrincipalTag/team}/*")


def test_a_variable_is_the_principals_own() -> None:
    own, other = ("arn:aws:s3:::amzn-s3-demo-bucket/blue/x", "arn:aws:s3:::amzn-s3-demo-bucket/red/x")
    assert asked([HOME], "s3:GetObject", own, tags={"team": "blue"}) == Decision.ALLOWED
    assert asked([HOME], "s3:GetObject", other, tags={"team": "blue"}) == Decision.NOT_ALLOWED


def test_a_missing_variable_fits_nothing() -> None:
    for resource in ("arn:aws:s3:::amzn-s3-demo-bucket//x", "arn:aws:s3:::amzn-s3-demo-bucket/blue/x"):
        assert asked([HOME], "s3:GetObject", resource) == Decision.NOT_ALLOWED


def test_a_variables_value_is_no_pattern() -> None:
    other = "arn:aws:s3:::amzn-s3-demo-bucket/red/x"
    assert asked([HOME], "s3:GetObject", other, tags={"team": "*"}) == Decision.NOT_ALLOWED


def test_a_default_stands_in_for_a_missing_value() -> None:
    home = allow("s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/${aws:PrincipalTag/team, 'company-wide'}/*")
    shared = "arn:aws:s3:::amzn-s3-demo-bucket/company-wide/x"
    assert asked([home], "s3:GetObject", shared) == Decision.ALLOWED
    assert asked([home], "s3:GetObject", shared, tags={"team": "yellow"}) == Decision.NOT_ALLOWED


def test_literal_signs_are_written_as_variables() -> None:
    literal = allow("s3:GetObject", "arn:aws:s3:::b/${*}")
    assert asked([literal], "s3:GetObject", "arn:aws:s3:::b/*") == Decision.ALLOWED
    assert asked([literal], "s3:GetObject", "arn:aws:s3:::b/x") == Decision.NOT_ALLOWED


# -- "IAM JSON policy elements: Condition operators" -----------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        ({"StringEquals": {"aws:PrincipalTag/job": "iamuser-admin"}}, {"aws:PrincipalTag/job": "iamuser-admin"}, True),
        ({"StringEquals": {"aws:PrincipalTag/job": "iamuser-admin"}}, {"aws:PrincipalTag/job": "IAMUSER-ADMIN"}, False),
        ({"StringEqualsIgnoreCase": {"k": "Admin"}}, {"k": "aDMIN"}, True),
        ({"StringNotEquals": {"k": "a"}}, {"k": "b"}, True),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "b"}, False),
        ({"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}},
         {"s3:prefix": "home/ann/x", "aws:username": "ann"}, True),
        ({"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}},
         {"s3:prefix": "home/bob/x", "aws:username": "ann"}, False),
        ({"StringEquals": {"k": "*"}}, {"k": "x"}, False),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "10"}, True),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "11"}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}},
         {"aws:CurrentTime": "2021-04-01T00:00:00Z"}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "true"}, False),
        ({"Bool": {"aws:MultiFactorAuthPresent": True}}, {"aws:MultiFactorAuthPresent": "true"}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": "203.0.113.9"}, True),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": "198.51.100.1"}, True),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:*:123456789012:my-topic"}},
         {"aws:SourceArn": "arn:aws:sns:eu-central-1:123456789012:my-topic"}, True),
        ({"ArnLike": {"k": "arn:aws:iam::*:role/x"}}, {"k": "arn:aws:iam::1:2:role/x"}, False),
        ({"ArnLike": {"k": "arn:aws:iam::123456789012:role/a/*"}}, {"k": "arn:aws:iam::123456789012:role/a/b/c"}, True),
        # Several operators and keys: all must hold.
        ({"StringEquals": {"a": "1"}, "Bool": {"b": "true"}}, {"a": "1", "b": "true"}, True),
        ({"StringEquals": {"a": "1"}, "Bool": {"b": "true"}}, {"a": "1", "b": "false"}, False),
    ],
)  # fmt: skip
def test_operators(condition: Any, context: dict[str, str], holds: bool) -> None:
    assert in_context(condition, context) == holds


# The page's paragraphs on a key that the request lacks: ...IfExists, negated operators, Null.
@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"StringEquals": {"gone": "x"}}, False),
        ({"StringLike": {"gone": "*"}}, False),
        ({"StringEqualsIfExists": {"gone": "x"}}, True),
        ({"StringNotEquals": {"gone": "x"}}, True),
        ({"StringNotLike": {"gone": "*"}}, True),
        ({"ArnNotEquals": {"gone": "arn:aws:iam::1:role/x"}}, True),
        ({"NumericGreaterThanEquals": {"gone": "7"}}, False),
        ({"Null": {"gone": "true"}}, True),
        ({"Null": {"gone": "false"}}, False),
        ({"ForAllValues:StringEquals": {"gone": ["x"]}}, True),
        ({"ForAnyValue:StringEquals": {"gone": ["x"]}}, False),
    ],
)
def test_a_key_that_is_missing(condition: Any, holds: bool) -> None:
    assert in_context(condition, {}) == holds


# "Multivalued context keys".
@pytest.mark.parametrize(
    ("operator", "given", "holds"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["c", "d"], False),
        ("ForAnyValue:StringNotEquals", ["a", "c"], True),
    ],
)
def test_keys_with_several_values(operator: str, given: list[str], holds: bool) -> None:
    assert in_context({operator: {"aws:TagKeys": ["a", "b"]}}, {"aws:TagKeys": given}) == holds


# -- resource policies and trust ----------------------------------------------------------------------------------


def test_a_resources_refusal_holds_for_whom_it_names() -> None:
    refuse = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    of_another = {**refuse, "Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}}
    assert asked([allow("s3:*")], "s3:GetObject", resource_policy=policy(refuse)) == Decision.DENIED
    assert asked([allow("s3:*")], "s3:GetObject", resource_policy=policy(of_another)) == Decision.ALLOWED


def test_a_trust_names_a_service_under_its_condition() -> None:
    trust = policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    )
    service = {"kind": "Service", "who": "ecs-tasks.amazonaws.com", "action": "sts:AssumeRole"}
    assert trusts(trust, **service, context={"aws:SourceAccount": "123456789012"})
    assert not trusts(trust, **service, context={"aws:SourceAccount": "999999999999"})
    assert not trusts(trust, kind="AWS", who=ARN, action="sts:AssumeRole", context={})


# -- what is not understood is not passed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"BinaryEquals": {"k": "eA=="}}},
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"ForSomeValues:StringEquals": {"k": "x"}}},
    ],
)
def test_an_unknown_operator_is_refused(statement: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        asked([statement], "s3:GetObject", context={"k": "x"})


@pytest.mark.parametrize(
    "document",
    [
        {"Version": "2008-10-17", "Statement": []},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "NotPrincipal": "*"}]},
    ],
)
def test_an_unknown_document_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        Policy.of(document)
