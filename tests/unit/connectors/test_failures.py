"""What failed calls to Azure mean."""

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
)

from shared.connectors._failures import azure_failures
from shared.domain.errors import Permanent, Transient


def answer(status, headers=(), code=None, error=HttpResponseError):
    failure = error(message="the vendor repeats anna@x.example")
    failure.status_code = status
    failure.error_code = code
    failure.response = type("Response", (), {"headers": dict(headers)})()
    return failure


def meaning(failure):
    with pytest.raises((Transient, Permanent)) as caught, azure_failures():
        raise failure
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "anna" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (answer(429), "throttled"),
        (answer(503), "throttled"),
        (answer(500), "status_500"),
        (answer(408), "status_408"),
        (answer(412), "changed_meanwhile"),
        (answer(416, code="InvalidRange"), "changed_meanwhile"),
        (answer(404, code="BlobNotFound"), "gone_meanwhile"),
        (ServiceRequestError("x"), "unreachable"),
        (ServiceResponseTimeoutError("x"), "unreachable"),
        (IncompleteReadError("x"), "interrupted"),
        (DecodeError("x"), "interrupted"),
        (ClientAuthenticationError("x"), "no_credential"),
    ],
)
def test_what_may_pass_is_transient(failure, code):
    found = meaning(failure)
    assert isinstance(found, Transient)
    assert found.code == code


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (answer(401, error=ClientAuthenticationError), "access_denied"),
        (answer(403), "access_denied"),
        (answer(404, code="TableNotFound"), "store_missing"),
        (answer(404, code="ContainerNotFound"), "store_missing"),
        (answer(400), "refused_400"),
    ],
)
def test_what_will_not_pass_is_permanent(failure, code):
    found = meaning(failure)
    assert isinstance(found, Permanent)
    assert found.code == code


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_is_asked_for_is_passed_on(headers, seconds):
    assert meaning(answer(429, headers)).retry_after == seconds
