"""A person with a browser, a mailbox and nothing else: everything goes over HTTP, mail and link."""

import asyncio
import email
import email.policy
import hashlib
import io
import json
import re
import ssl
import time
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

FINAL = {"completed", "partially_completed", "refused", "withdrawn", "joined", "unanswered"}
PATIENCE = 90.0


@dataclass(frozen=True)
class Letter:
    """One mail as it lies in the outbox."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str

    @property
    def code(self) -> str:
        """The verification code in it."""
        return re.search(r"\b([0-9A-Z]{4}-[0-9A-Z]{4})\b", self.text)[1]

    @property
    def link(self) -> tuple[str, str]:
        """Export id and secret of the link in it."""
        found = re.search(r"/api/v1/exports/([0-9a-f-]{36})(?:\?[^#\s]*)?#([\w-]+)", self.text)
        return found[1], found[2]


class Outbox:
    """The mail that the stack's mail system took."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Letter] = {}

    def letters(self, to: str | None = None) -> list[Letter]:
        """Every mail in order, or those to one address."""
        for file in sorted(self._folder.glob("*.eml")):
            if file.name not in self._read:
                message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                self._read[file.name] = Letter(
                    to=str(message["To"]),
                    subject=str(message["Subject"]),
                    text=message.get_body(("plain",)).get_content(),
                    html=message.get_body(("html",)).get_content(),
                    message_id=str(message["Message-ID"]),
                )
        return [letter for _, letter in sorted(self._read.items()) if to in {None, letter.to}]

    async def saying(self, text: str) -> Letter:
        """Wait for a mail, to whomever, with some text in it; the newest of these."""
        return await self._wait(None, 1, text)

    async def newest(self, to: str, *, of: int = 1, saying: str = "") -> Letter:
        """Wait until an address has at least `of` mails with some text in them; the newest of these."""
        return await self._wait(to, of, saying)

    async def _wait(self, to: str | None, of: int, saying: str) -> Letter:
        until = time.monotonic() + PATIENCE
        while True:
            found = [letter for letter in self.letters(to) if saying in letter.text]
            if len(found) >= of:
                return found[-1]
            assert time.monotonic() < until, f"no {of} mails to {to or 'anybody'} with {saying!r} in them"
            await asyncio.sleep(0.05)


class Package:
    """A downloaded package, checked against its own manifest; with `also`, those of the cases that were split off.

    What is asked of datasets is asked of all of them; `manifest` and `zip` are of the first alone.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.also: list[Package] = []
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        assert self.zip.testzip() is None
        self.manifest: dict[str, Any] = json.loads(self.zip.read("manifest.json"))
        listed = {one["path"]: one for one in self.manifest["files"]}
        assert set(self.zip.namelist()) == {*listed, "manifest.json"}
        for path, one in listed.items():
            content = self.zip.read(path)
            assert len(content) == one["size"]
            assert hashlib.sha256(content).hexdigest() == one["sha256"]

    def state(self, dataset: str) -> str:
        """What the manifest says of a dataset."""
        return str(self.told_of(dataset)["state"])

    def told_of(self, dataset: str) -> dict[str, Any]:
        """All that the manifest says of a dataset."""
        told = [one for package in self.all for one in package.manifest["datasets"] if one["id"] == dataset]
        assert told, f"no manifest tells of {dataset}"
        return told[0]

    def names(self) -> set[str]:
        """The datasets that its manifest tells of."""
        return {one["id"] for package in self.all for one in package.manifest["datasets"]}

    @property
    def all(self) -> "list[Package]":
        """This package and those of the cases that were split off."""
        return [self, *self.also]

    def records(self, dataset: str, part: int = 1) -> list[dict[str, Any]]:
        """A dataset's records."""
        path = f"{'' if part == 1 else f'part-{part}/'}data/{dataset}.json"
        held = [json.loads(one.zip.read(path))["records"] for one in self.all if path in one.zip.namelist()]
        return [record for records in held for record in records]

    def originals(self, dataset: str) -> Counter[tuple[str, bytes]]:
        """A dataset's original files: the name each had, and its bytes."""
        return Counter(
            (one["originalName"].rpartition("/")[2], package.zip.read(one["path"]))
            for package in self.all
            for one in package.manifest["files"]
            if one.get("dataset") == dataset and "originalName" in one
        )

    def text(self) -> str:
        """Everything in it, as one text to search."""
        return "\n".join(one.zip.read(name).decode(errors="replace") for one in self.all for name in one.zip.namelist())


class Person:
    """Asks, confirms, waits and downloads. `bearer` is an Entra token, or the session a code brought."""

    def __init__(self, url: str, outbox: Outbox, ca_file: str, bearer: str | None = None) -> None:
        self.url = url
        self.outbox = outbox
        self.bearer = bearer
        self.trust = ssl.create_default_context(cafile=ca_file)
        self._client = httpx.AsyncClient(base_url=url, timeout=30)

    async def __aenter__(self) -> "Person":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One call with this person's proof."""
        headers: Mapping[str, str] = options.pop("headers", {})
        if self.bearer:
            headers = {"Authorization": f"Bearer {self.bearer}", **headers}
        return await self._client.request(method, path, headers=headers, **options)

    async def ask(
        self, email_address: str | None = None, language: str = "en", *, words: str | None = None, **headers: str
    ) -> dict[str, Any]:
        """Ask for access; what says the same in the same words is one request while it is worked on."""
        body: dict[str, Any] = {"rights": ["access"], "language": language}
        if words is not None:
            body["details"] = {"access": {"statement": words}}
        if email_address is not None:
            body["email"] = email_address
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.call("POST", "/api/v1/requests", json=body, headers=named)
        assert answer.status_code == 202, answer.text
        assert answer.headers["Location"] == f"/api/v1/requests/{answer.json()['id']}"
        return answer.json()

    async def confirm(self, request_id: str, code: str) -> None:
        """Give a code and keep the session it brings."""
        answer = await self.call("POST", f"/api/v1/requests/{request_id}/verification", json={"code": code})
        assert answer.status_code == 200, answer.text
        self.bearer = answer.json()["accessToken"]

    async def show(self, request_id: str) -> dict[str, Any]:
        """Look at one's request."""
        answer = await self.call("GET", f"/api/v1/requests/{request_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ended(self, request_id: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Wait until a request has ended, and the cases that were split off it, which `cases` tells of."""
        until = time.monotonic() + patience
        while True:
            seen = await self.show(request_id)
            if seen["status"] in FINAL:
                left = max(until - time.monotonic(), 1)
                return seen | {"cases": [await self.ended(one, left) for one in seen["linked"]]}
            assert time.monotonic() < until, f"still {seen['status']}: {seen['services']}"
            await asyncio.sleep(0.1)

    async def open(self, export_id: str, secret: str) -> httpx.Response:
        """Open a link."""
        return await self.call("POST", f"/api/v1/exports/{export_id}", json={"secret": secret})

    async def download(self, export_id: str, secret: str) -> Package:
        """Open a link and fetch what it leads to."""
        answer = await self.open(export_id, secret)
        assert answer.status_code == 303, answer.text
        async with httpx.AsyncClient(verify=self.trust, timeout=60) as store:
            fetched = await store.get(answer.headers["Location"])
        assert fetched.status_code == 200
        assert "attachment" in fetched.headers["Content-Disposition"]
        return Package(fetched.content)
