"""People who visit one stack: they sign in, or prove an address by its mail."""

from contextlib import AsyncExitStack
from typing import Any

from person import Outbox, Package, Person

from devhost.stack import Stack
from samples import people


class Visitors:
    """Makes people at one stack's door and closes their connections."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.outbox = Outbox(stack.outbox)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> "Visitors":
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._open.aclose()

    async def anyone(self, bearer: str | None = None) -> Person:
        """Somebody with this proof, or with none."""
        told = self.stack.told
        return await self._open.enter_async_context(Person(self.stack.url, self.outbox, told["ca_file"], bearer))

    async def signed_in(self, who: people.Person, *roles: str) -> Person:
        """One of the sample company's people, with a token."""
        return await self.anyone(self.stack.token(who.tenant, who.oid, *roles))

    async def proven(self, address: str, language: str = "en") -> tuple[Person, str]:
        """Somebody who asked with an address and gave the code that it was sent; and the request's id."""
        someone = await self.anyone()
        receipt = await someone.ask(address, language)
        letter = await self.outbox.newest(address, saying=receipt["id"])
        await someone.confirm(receipt["id"], letter.code)
        return someone, receipt["id"]

    async def sign_in_and_ask(self, who: people.Person) -> Package:
        """The package of one of the sample company's people, signed in; mail goes to an address of its own."""
        someone = await self.signed_in(who)
        address = f"{who.short}.{who.home.short}@elsewhere.example"
        receipt = await someone.ask(address)
        letter = await self.outbox.newest(address, saying=receipt["id"])
        await someone.confirm(receipt["id"], letter.code)
        return await self.package(someone, receipt["id"])

    async def package(self, someone: Person, request_id: str) -> Package:
        """Wait for the answer and download it by the mailed link, with those of the cases that were split off."""
        ended = await someone.ended(request_id)
        package, *also = [await self.fetched(someone, one) for one in (ended, *ended["cases"])]
        package.also = also
        return package

    async def fetched(self, someone: Person, ended: dict[str, Any]) -> Package:
        """Download one answer by the mailed link."""
        letter = await self.outbox.saying(ended["export"]["id"])
        return await someone.download(*letter.link)
