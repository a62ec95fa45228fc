"""What failed calls to our own stores, keys and mail mean."""

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError

from shared.adapters.azure_failures import azure_failures
from shared.domain.errors import Permanent, Transient


def answer(status, error=HttpResponseError):
    failure = error(message="the vendor repeats anna@x.example")
    failure.status_code = status
    return failure


def meaning(failure):
    with pytest.raises((Transient, Permanent)) as caught, azure_failures("blob"):
        raise failure
    assert caught.value.__suppress_context__
    assert "anna" not in str(caught.value)
    return type(caught.value), caught.value.code


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        pytest.param(answer(401, ClientAuthenticationError), "blob_401", id="a token refused"),
        pytest.param(answer(403), "blob_403", id="a right not granted yet"),
        pytest.param(answer(429), "blob_429", id="throttled"),
        pytest.param(answer(500), "blob_500", id="broken"),
        pytest.param(ServiceRequestError("anna"), "blob_unreachable", id="unreachable"),
        pytest.param(ClientAuthenticationError("anna"), "blob_no_credential", id="no token"),
    ],
)
def test_what_may_pass_or_is_ours_to_mend_ends_no_work(failure, code):
    assert meaning(failure) == (Transient, code)


@pytest.mark.parametrize("status", [400, 404, 409, 413])
def test_a_call_that_is_wrong_itself_is_not_tried_again(status):
    assert meaning(answer(status)) == (Permanent, f"blob_{status}")
