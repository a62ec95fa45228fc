"""The happy path, from the first call to the package."""

import io
import zipfile

from builders import MIRA, call, memory_services


async def test_a_person_without_the_app_gets_a_package_through_a_code_and_a_link():
    world = memory_services()
    asked = await call("request_submit", "POST", "/api/v1/requests", body={"rights": ["access"], "email": MIRA.email})
    assert asked.status == 202
    request_id = asked.json["id"]
    await world.drain()
    (mail,) = world.mailer.sent
    code = world.references.code(request_id, 1)
    assert f"{code[:4]}-{code[4:]}" in mail.text
    proven = await call(
        "identity_confirm",
        "POST",
        f"/api/v1/requests/{request_id}/verification",
        body={"code": code},
        request_id=request_id,
    )
    assert proven.status == 200
    token = proven.json["accessToken"]
    await world.drain()
    shown = await call("request_show", "GET", f"/api/v1/requests/{request_id}", token=token, request_id=request_id)
    assert shown.json["status"] == "completed"
    export_id = shown.json["export"]["id"]
    opened = await call(
        "export_open",
        "POST",
        f"/api/v1/exports/{export_id}",
        body={"secret": world.references.link_secret(request_id, 1)},
        token=token,
        export_id=export_id,
    )
    assert opened.status == 303
    assert opened.headers["location"].startswith("https://blobs.invalid/")
    size = await world.packages.size(f"{request_id}/package.zip")
    with zipfile.ZipFile(io.BytesIO(await world.packages.read(f"{request_id}/package.zip", 0, size))) as package:
        assert package.testzip() is None
        names = package.namelist()
    assert "data/tickets.json" in names
    assert "data/users.json" not in names
