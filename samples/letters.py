"""What people find in their mail: a code, a link, an answer in words."""

import asyncio
import re
import time
from pathlib import Path

from devhost.mail import Mail, sent
from samples.calling import StepFailed

MAIL_WITHIN, LOOK_EVERY = 30.0, 0.1
CODE = re.compile(r"^ {4}(\w{4}[- ]\w{4})\r?$", re.MULTILINE)  # the key of a link is longer
LINK = re.compile(r"https?://\S+/api/v1/exports/([0-9a-f-]{36})(?:\?[^#\s]*)?#(\S+)")


async def mailed(outbox: Path, about: str, holding: re.Pattern[str]) -> tuple[Mail, re.Match[str]]:
    """Wait for the mail about this request, package or certificate that holds what we look for.

    Raises:
        StepFailed: none came in time.
    """
    give_up = time.monotonic() + MAIL_WITHIN
    while time.monotonic() < give_up:
        for mail in sent(outbox):
            if about in mail.text and (found := holding.search(mail.text)):
                return mail, found
        await asyncio.sleep(LOOK_EVERY)
    raise StepFailed(f"no mail about {about} within {MAIL_WITHIN:.0f} s")
