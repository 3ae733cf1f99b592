"""Checks our signatures with the official verifiers, and signs samples for us to check.

Reads JSON lines on stdin: {"scheme": "slack" | "webhook", "secret", "id", "timestamp", "signature", "body"}.
Exits with an error unless every signature is good, and bad once body, time or secret differ.
Prints the samples that it signed itself, in the same form.
"""

import base64
import datetime
import json
import sys

from slack_sdk.signature import Clock, SignatureVerifier
from standardwebhooks import Webhook, WebhookVerificationError


class Standing(Clock):
    """A clock that shows the time of the sample."""

    def __init__(self, seconds):
        self.seconds = seconds

    def now(self):
        return self.seconds


def slack_accepts(sample, skew=0):
    verifier = SignatureVerifier(sample["secret"], clock=Standing(sample["timestamp"] + skew))
    return verifier.is_valid(sample["body"], str(sample["timestamp"]), sample["signature"])


def webhook_accepts(sample):
    headers = {
        "webhook-id": sample["id"],
        "webhook-timestamp": str(sample["timestamp"]),
        "webhook-signature": sample["signature"],
    }
    try:
        Webhook(sample["secret"]).verify(sample["body"], headers)
    except WebhookVerificationError:
        return False
    return True


def check(sample):
    accepts = slack_accepts if sample["scheme"] == "slack" else webhook_accepts
    other_secret = "whsec_" + base64.b64encode(b"another secret").decode()
    assert accepts(sample), f"refused: {sample}"
    for difference in (
        {"body": sample["body"] + " "},
        {"timestamp": sample["timestamp"] + 1},
        {"secret": other_secret},
    ):
        assert not accepts({**sample, **difference}), f"accepted: {difference}"
    if sample["scheme"] == "slack":
        assert not slack_accepts(sample, 301) and not slack_accepts(sample, -301), "accepted at another time"
    else:
        assert not accepts({**sample, "id": "msg_other"}), "accepted under another id"


def signed(scheme, secret, timestamp, body):
    sample = {"scheme": scheme, "secret": secret, "id": "msg_1", "timestamp": timestamp, "body": body}
    if scheme == "slack":
        sample["signature"] = SignatureVerifier(secret).generate_signature(timestamp=str(timestamp), body=body)
    else:
        when = datetime.datetime.fromtimestamp(timestamp, tz=datetime.timezone.utc)
        sample["signature"] = Webhook(secret).sign("msg_1", when, body)
    return sample


seen = 0
for line in sys.stdin:
    check(json.loads(line))
    seen += 1
assert seen, "nothing to check"

key = "whsec_" + base64.b64encode(bytes(range(32))).decode()
for body in ("", "{}", '{"text":"Grüße 👋"}', "payload=%7B%7D&a=b+c"):
    print(json.dumps(signed("slack", "8f742231b10e8888abcd99yyyzzz85a5", 1700000000, body)))
    print(json.dumps(signed("webhook", key, 1700000000, body)))
