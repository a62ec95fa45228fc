"""A tiny server for rendered pages: GET shows one, POST remembers the form, everything that was asked is on record."""

import asyncio
from urllib.parse import parse_qs, urlsplit

from package_samples import package
from rendered_samples import MAILS, PAGES, GoodMaps

from shared.adapters.jinja_rendering import JinjaRenderer, content_security_policy

RENDERER = JinjaRenderer(GoodMaps())


def rendered(sample, language):
    """Return a sample's page by its name, `mail-<name>` for a mail, `index` for the package's."""
    if sample == "index":
        return RENDERER.package_index(language, package()).decode()
    if sample.startswith("mail-"):
        name, values = MAILS[sample.removeprefix("mail-")]
        return RENDERER.mail(name, language, values).html
    name, values = PAGES[sample]
    return RENDERER.page(name, language, values)


class PageServer:
    """Serves `/<sample>/<language>`; a form posted anywhere is answered with `redirect` or the page `asked`."""

    def __init__(self, *form_targets):
        self.policy = content_security_policy(*form_targets)
        self.asked = []
        self.forms = []
        self.redirect = None

    async def start(self):
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def stop(self):
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        headers = dict(line.lower().split(": ", 1) for line in head.strip().split("\r\n")[1:])
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        self.asked.append((method, target))
        if method == "POST":
            fields = {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()}
            self.forms.append((urlsplit(target).path, fields))
        writer.write(self._response(method, urlsplit(target).path))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def _response(self, method, path):
        if method == "POST" and self.redirect:
            return self._message("303 See Other", "", f"Location: {self.redirect}\r\n")
        sample, _, language = path.strip("/").partition("/")
        if method == "POST":
            sample, language = "asked", "en"
        try:
            return self._message("200 OK", rendered(sample, language))
        except KeyError:
            return self._message("404 Not Found", rendered("error-404", "en"))

    def _message(self, status, text, more=""):
        body = text.encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
            f"Content-Security-Policy: {self.policy}\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n{more}\r\n"
        )
        return head.encode() + body
