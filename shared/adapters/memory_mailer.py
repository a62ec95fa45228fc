"""A mail system held in memory."""

from shared.ports.world import Mail


class MemoryMailer:
    """`sent` is every mail handed over, repeats too, in order."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        """Keep the mail."""
        self.sent.append(mail)
