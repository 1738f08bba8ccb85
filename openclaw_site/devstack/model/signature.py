"""Whether a request on Bedrock's path is signed. Owns the reading of Signature Version 4.

The signature itself is checked for the access keys whose secret is known; for others its form, scope and time are.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SERVICE = "bedrock"
_SKEW_SECONDS = 300
_FORM = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, "
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


def refusal(
    *, method: str, url: str, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]
) -> str | None:
    """Why AWS would refuse the request; None when it would not. Names of `headers` in lower case."""
    form = _FORM.fullmatch(headers.get("authorization", ""))
    if form is None:
        return "Missing Authentication Token"
    if form["service"] != SERVICE:
        return f"Credential should be scoped to correct service: '{SERVICE}'."
    signed = form["headers"].split(";")
    needed = {"host", "x-amz-date", *({"x-amz-security-token"} & headers.keys())}
    if not needed <= set(signed):
        return f"These headers must be signed: {', '.join(sorted(needed - set(signed)))}."
    if not _is_now(headers.get("x-amz-date", ""), form["day"]):
        return "Signature expired or not yet current."
    stated = headers.get("x-amz-content-sha256")
    if stated is not None and stated != hashlib.sha256(body).hexdigest():
        return "The provided 'x-amz-content-sha256' header does not match what was computed."
    secret = secrets.get(form["key"])
    if secret is None:
        return None
    request = AWSRequest(method=method, url=url, data=body, headers={name: headers.get(name, "") for name in signed})
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials(form["key"], secret), SERVICE, form["region"])
    computed = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    same = hmac.compare_digest(computed, form["signature"])
    return None if same else "The request signature we calculated does not match the signature you provided."


def _is_now(stamp: str, day: str) -> bool:
    try:
        moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return stamp.startswith(day) and abs((datetime.now(UTC) - moment).total_seconds()) <= _SKEW_SECONDS
