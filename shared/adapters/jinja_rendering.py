"""Pages, mails and the package's index: one set of templates, one file of texts for each language."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.adapters.notice_samples import samples
from shared.adapters.phrases import Phrases, cleaned
from shared.domain.data_map import DataMap
from shared.domain.errors import DataMapInvalid, NotFound
from shared.domain.request import Language
from shared.ports.world import MailText, Maps

_TEMPLATES = Path(__file__).parent / "templates"


class JinjaRenderer:
    """Renderer over Jinja2. A value that a template needs and was not given raises `jinja2.UndefinedError`.

    Who we are comes from the data map. Without a good map, pages that people are told of trouble by still render.
    """

    def __init__(self, maps: Maps) -> None:
        self._maps = maps

    def page(self, name: str, language: Language, values: Mapping[str, Any]) -> str:
        """Render an HTML page. Send `content_security_policy()` along, or the browser leaves out style and script."""
        template = _environment(language, markup=True).get_template(f"pages/{name}.html.j2")
        return template.render(**values, who=self._map_if_good())

    def mail(self, name: str, language: Language, values: Mapping[str, Any]) -> MailText:
        """Render a mail from one template, once as HTML and once as text, whose first line is the subject.

        Raises:
            DataMapInvalid: there is no good map to say who we are.
        """
        given = {**values, "who": self._maps.current()}
        html, text = (
            _environment(language, markup=markup).get_template(f"mails/{name}.j2").render(**given)
            for markup in (True, False)
        )
        text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
        return MailText(subject=text.partition("\n")[0], text=text, html=html)

    def previews(self, name: str, language: Language, public_url: str) -> Mapping[str, MailText]:
        """Render every form of a mail with invented values, by the names of the forms.

        Raises:
            NotFound: there is no such mail.
        """
        found = {one: values for one, (mail, values) in samples(language, public_url).items() if mail == name}
        if not found:
            raise NotFound
        return {one: self.mail(name, language, values) for one, values in found.items()}

    def package_index(self, language: Language, values: Mapping[str, Any]) -> bytes:
        """Render a package's `index.html`. It carries its own policy: it loads nothing and runs nothing."""
        template = _environment(language, markup=True).get_template("package/index.html.j2")
        return template.render(**values).encode()

    def package_readme(self, language: Language, values: Mapping[str, Any]) -> bytes:
        """Render the plain text that explains data for other programs."""
        template = _environment(language, markup=False).get_template("package/readme.txt.j2")
        return template.render(**values).encode()

    def certificate_page(self, language: Language, values: Mapping[str, Any]) -> bytes:
        """Render a certificate's `index.html`. As a package's, it loads nothing and runs nothing."""
        template = _environment(language, markup=True).get_template("certificate/index.html.j2")
        return template.render(**values).encode()

    def _map_if_good(self) -> DataMap | None:
        try:
            return self._maps.current()
        except DataMapInvalid:
            return None


def content_security_policy(*form_targets: str) -> str:
    """Return the header for our pages: our one style, our one script, forms to ourselves, and nothing else.

    `form_targets` are further origins that the answer to a form may redirect to: browsers check these too.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(_asset('style.css'))}'",
            f"script-src '{_hash(_asset('fragment.js'))}'",
            " ".join(("form-action 'self'", *form_targets)),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


@cache
def _environment(language: Language, *, markup: bool) -> Environment:
    phrases = Phrases.of(language, markup=markup)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=markup,  # noqa: S701 off for text/plain alone
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(phrases.filters())
    environment.globals.update(
        t=phrases.text,
        label=phrases.label,
        listed=phrases.listed,
        language=language,
        form="mails/_html.j2" if markup else "mails/_text.j2",
        style=_asset("style.css"),
        style_hash=_hash(_asset("style.css")),
        script=_asset("fragment.js"),
    )
    return environment


def _finalize(value: Any) -> Any:
    if isinstance(value, date):
        raise TypeError("a moment or day is written out with the filters day, date or moment")
    return cleaned(value) if type(value) is str else value


@cache
def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
