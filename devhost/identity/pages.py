"""The two pages of a sign-in: choose a person, and go back to the app."""

from collections.abc import Mapping, Sequence
from html import escape

from devhost.directory import members
from samples.people import Tenant

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1f }
button { font: inherit; width: 100%; text-align: left; padding: .6rem .8rem; margin: .25rem 0; color: inherit;
  background: #fff; border: 1px solid #6b6b76; border-radius: .4rem; cursor: pointer }
button:hover { background: #eef2ff } :focus-visible { outline: 3px solid #1d4ed8; outline-offset: 2px }
ul { list-style: none; padding: 0 } h2 { font-size: 1.1rem; margin-top: 1.5rem }
"""


def page(title: str, body: str, nonce: str) -> str:
    """A whole page; nothing in it comes from elsewhere."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><style nonce="{nonce}">{STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def chooser(tenants: Sequence[Tenant], asked: Mapping[str, str], nonce: str) -> str:
    """List the people one may sign in as, by tenant."""
    sections = []
    for tenant in tenants:
        buttons = "".join(
            f'<li><button name="person" value="{person.tenant} {person.oid}">{escape(person.name)}'
            f"<br><small>{escape(person.upn)}</small></button></li>"
            for person in members(tenant.id)
        )
        sections.append(f"<h2>{escape(tenant.name)}</h2><ul>{buttons}</ul>")
    form = f'<form method="post">{_hidden(asked)}{"".join(sections)}</form>'
    return page("Choose who signs in", f"<p>This is the local stack: no password is needed.</p>{form}", nonce)


def return_form(target: str, fields: Mapping[str, str], nonce: str) -> str:
    """Post the answer to the app: by itself, or by the button where scripts are off."""
    form = (
        f'<form method="post" action="{escape(target)}">{_hidden(fields)}'
        '<button type="submit">Continue</button></form>'
        f'<script nonce="{nonce}">document.forms[0].submit()</script>'
    )
    return page("Signed in", form, nonce)


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )
