"""What AWS's answers become, over real HTTP from a server that answers as told."""

from __future__ import annotations

import pickle
import traceback

import pytest

from openclaw_site.aws import ecs, errors, iam, identity, secrets


def list_tasks():
    return ecs.list_task_arns(cluster="agents", status="RUNNING")


@pytest.mark.parametrize(
    ("code", "status", "expected", "retryable"),
    [
        ("ThrottlingException", 400, errors.Throttled, True),
        ("TooManyRequestsException", 429, errors.Throttled, True),
        ("AnythingElse", 429, errors.Throttled, True),
        ("ServerException", 500, errors.ServiceFault, True),
        ("AnythingElse", 503, errors.ServiceFault, True),
        ("AccessDeniedException", 400, errors.AccessDenied, False),
        ("ExpiredTokenException", 400, errors.CredentialsMissing, False),
        ("UnrecognizedClientException", 400, errors.CredentialsMissing, False),
        ("LimitExceededException", 400, errors.QuotaReached, False),
        ("ClusterNotFoundException", 400, errors.ClusterMissing, False),
        ("InvalidParameterException", 400, errors.InvalidRequest, False),
        ("AnythingElse", 400, errors.InvalidRequest, False),
    ],
)
def test_error_code_becomes_domain_error(faulty_aws, code, status, expected, retryable):
    faulty_aws.fail(code, "why", status=status)
    with pytest.raises(errors.AwsError) as caught:
        list_tasks()
    assert type(caught.value) is expected
    assert caught.value.retryable is retryable
    assert caught.value.code == code
    assert str(caught.value) == f"ListTasks: {code}: why"
    assert caught.value.next_action.endswith(".")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided", errors.RoleNotReady),
        ("Capacity is unavailable at this time. Please try again later", errors.CapacityExhausted),
        ("You've reached the limit on the number of vCPUs you can run", errors.CapacityExhausted),
        ("Error retrieving subnet: Request limit exceeded. (ErrorCode: ...)", errors.Throttled),
        ("TaskDefinition is inactive", errors.TaskDefinitionMissing),
        ("The specified cluster is inactive.", errors.ClusterMissing),
        ("Something else entirely", errors.InvalidRequest),
    ],
)
def test_what_ecs_says_in_words_only_is_understood(faulty_aws, message, expected):
    faulty_aws.fail("ClientException", message)
    with pytest.raises(errors.AwsError) as caught:
        list_tasks()
    assert type(caught.value) is expected


def test_denial_is_a_denial_whatever_its_text_speaks_of(faulty_aws):
    faulty_aws.fail("AccessDeniedException", "not authorized: capacity is unavailable, rate exceeded")
    with pytest.raises(errors.AccessDenied):
        list_tasks()


def test_short_throttling_is_not_noticed(faulty_aws):
    faulty_aws.fail("ThrottlingException", "Rate exceeded")
    faulty_aws.answer(200, {"taskArns": ["arn:one"]})
    assert list_tasks() == ["arn:one"]
    assert len(faulty_aws.requests) == 2


def test_lasting_throttling_ends_after_three_attempts(faulty_aws):
    faulty_aws.fail("ThrottlingException", "Rate exceeded")
    with pytest.raises(errors.Throttled):
        list_tasks()
    assert len(faulty_aws.requests) == 3


def test_answer_that_is_not_from_aws_is_a_service_fault(faulty_aws):
    faulty_aws.answer(200, "<html>Welcome to the hotel's <b>Wi-Fi</html>")
    with pytest.raises(errors.ServiceFault):
        identity.caller_identity()


def test_page_in_place_of_an_error_is_cut_to_one_line(faulty_aws):
    faulty_aws.answer(502, "<html>\n  <p>Bad gateway</p>\n" + "x" * 5000)
    with pytest.raises(errors.ServiceFault) as caught:
        list_tasks()
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 600


def test_new_role_as_principal_is_not_ready(faulty_aws):
    faulty_aws.answer(
        400,
        "<ErrorResponse><Error><Type>Sender</Type><Code>MalformedPolicyDocument</Code>"
        "<Message>Invalid principal in policy</Message></Error></ErrorResponse>",
    )
    with pytest.raises(errors.RoleNotReady):
        iam.find_role(name="t_0")


def test_no_botocore_exception_is_shown_below_a_domain_error(faulty_aws):
    faulty_aws.fail("AccessDeniedException", "no")
    with pytest.raises(errors.AccessDenied) as caught:
        list_tasks()
    assert "botocore" not in "".join(traceback.format_exception_only(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_malformed_parameters_are_refused_without_being_repeated():
    hidden = "".join(["s3", "cret"])
    with pytest.raises(errors.InvalidRequest) as caught:
        secrets.find_secret(name={"value": hidden})  # type: ignore[arg-type]
    assert hidden not in "".join(traceback.format_exception(caught.value))
    assert hidden not in repr((caught.value.__context__, vars(caught.value.__context__)))


def test_errors_survive_being_pickled():
    error = errors.ClientTokenConflict("taken", operation="RunTask", code="ConflictException", task_arn="arn:t")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (str(copy), copy.operation, copy.code, copy.task_arn, copy.next_action) == (
        str(error),
        "RunTask",
        "ConflictException",
        "arn:t",
        error.next_action,
    )


def test_foreign_exceptions_pass_untouched():
    with pytest.raises(TypeError):
        secrets.put_secret(name="x", value={"a": object()}, tags={})
