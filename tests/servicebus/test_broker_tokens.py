"""Which tokens open a connection."""

import hashlib
import hmac
import time
from base64 import b64encode
from urllib.parse import quote_plus

import pytest
from azure.servicebus._pyamqp.utils import generate_sas_token

from devhost.servicebus.server.tokens import is_valid

RESOURCE = "sb://127.0.0.1:5672/a queue"


def token(key="key", name="local", expiry=None):
    expiry = str(int(time.time()) + 60) if expiry is None else expiry
    resource = quote_plus(RESOURCE)
    signed = hmac.new(key.encode(), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
    signature = quote_plus(b64encode(signed))
    return f"SharedAccessSignature sr={resource}&sig={signature}&se={expiry}&skn={name}"


def test_a_token_of_the_sdk_is_valid():
    assert is_valid(generate_sas_token(RESOURCE, "local", "key"), "key")


def test_a_token_made_by_hand_is_valid():
    assert is_valid(token(), "key")


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(token(key="other"), id="other key"),
        pytest.param(token(name="RootManageSharedAccessKey"), id="other name"),
        pytest.param(token(expiry=str(int(time.time()) - 1)), id="expired"),
        pytest.param(token(expiry="never"), id="expiry is no number"),
        pytest.param(token(expiry="9" * 5000), id="expiry is endless"),
        pytest.param(token().replace("&skn=local", ""), id="no name"),
        pytest.param(token().replace("sig=", "sig=ü"), id="signature is not ASCII"),
        pytest.param(token().removeprefix("SharedAccessSignature "), id="no prefix"),
        pytest.param("SharedAccessSignature ", id="empty"),
        pytest.param(None, id="nothing"),
        pytest.param(b"SharedAccessSignature", id="bytes"),
    ],
)
def test_any_other_token_is_not(bad):
    assert not is_valid(bad, "key")
