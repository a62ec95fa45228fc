"""The commands that talk to a running stack."""

import argparse
import asyncio
import importlib
import json
from typing import Any

from devhost.folder import Folder
from devhost.mail import Mail, numbered, sent
from devhost.minting import mint


def token(asked: argparse.Namespace) -> None:
    """Print a bearer token."""
    stack = Folder(asked.data).running()
    print(mint(stack, tenant=asked.tenant, user=asked.user, app=asked.app, roles=asked.role))


def seed(asked: argparse.Namespace) -> None:
    """Load the sample company into the stack's stores."""
    stack = Folder(asked.data).running()
    load = importlib.import_module("samples.company").load  # brings SDKs that the other commands need not wait for
    for line in asyncio.run(load(stack)):
        print(line)


def mail(asked: argparse.Namespace) -> None:
    """List the outbox, or print one message of it."""
    mails = sent(Folder(asked.data).outbox, asked.to)
    if asked.show is not None:
        _show(numbered(mails, asked.show))
    elif asked.json:
        print(json.dumps([_row(mail) | {"text": mail.text} for mail in mails], ensure_ascii=False, indent=2))
    else:
        for number, mail in enumerate(mails, 1):
            print(f"{number:>4}  {mail.at:%Y-%m-%d %H:%M:%S}  {mail.to}  {mail.subject}")


def _row(mail: Mail) -> dict[str, Any]:
    return {"at": mail.at.isoformat(), "to": mail.to, "subject": mail.subject}


def _show(mail: Mail) -> None:
    for name, value in (_row(mail) | {"from": str(mail.message["from"])}).items():
        print(f"{name}: {value}")
    print(f"\n{mail.text}")
