"""What AWS and the network do to a call: each a fault for `AwsProxy.on`."""

import json
from collections.abc import Callable

from tests.faults.aws_proxy import Call, Fault, Forward, Reply


def fails(code: str, message: str = "by the test", *, status: int = 400) -> Fault:
    """AWS answers with this error, spelled as the service spells it, and does nothing."""

    def fault(call: Call, forward: Forward) -> Reply:
        del forward
        if "X-Amz-Target" in call.headers:
            body = json.dumps({"__type": code, "message": message})
            return Reply(status, [("Content-Type", "application/x-amz-json-1.1")], body.encode())
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        body = error if call.service == "s3" else f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"
        return Reply(status, [("Content-Type", "text/xml")], body.encode())

    return fault


def denies(call: Call, forward: Forward) -> Reply | None:
    """AWS says that we may not."""
    return fails("AccessDenied", f"not authorized to perform: {call.name}", status=403)(call, forward)


def throttles(call: Call, forward: Forward) -> Reply | None:
    """AWS asks us to slow down."""
    if call.service == "s3":
        return fails("SlowDown", status=503)(call, forward)
    return fails("Throttling" if call.service in ("iam", "sts") else "ThrottlingException")(call, forward)


def breaks(call: Call, forward: Forward) -> Reply | None:
    """AWS has an internal error."""
    return fails("InternalError", status=500)(call, forward)


def refuses(call: Call, forward: Forward) -> None:
    """Nobody answers, and nothing was done."""
    del call, forward


def drops_reply(call: Call, forward: Forward) -> None:
    """The work is done, but we never hear of it."""
    del call
    forward()


def sees_nothing(call: Call, forward: Forward) -> Reply | None:
    """What was just made can't be read yet, as with IAM until it has spread."""
    if call.action == "ListObjectsV2":
        empty = "<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
        return Reply(200, [("Content-Type", "text/xml")], empty.encode())
    if call.service == "iam":
        return fails("NoSuchEntity", status=404)(call, forward)
    if call.action == "DescribeTasks":
        missing = [{"arn": arn, "reason": "MISSING"} for arn in json.loads(call.body)["tasks"]]
        body = json.dumps({"tasks": [], "failures": missing})
        return Reply(200, [("Content-Type", "application/x-amz-json-1.1")], body.encode())
    return fails("ResourceNotFoundException")(call, forward)


def does(action: Callable[[], object]) -> Fault:
    """The call is done as usual, and `action` right after it, before its caller hears of it."""

    def fault(call: Call, forward: Forward) -> Reply:
        del call
        reply = forward()
        action()
        return reply

    return fault
