"""Tokens held in memory: whoever was introduced is who they say."""

from shared.domain.errors import NotSignedIn
from shared.ports.world import Principal


class MemoryTokens:
    """Knows the access tokens, and the ID tokens with their nonces, that it was told of."""

    def __init__(self) -> None:
        self._access: dict[str, Principal] = {}
        self._sign_in: dict[tuple[str, str], Principal] = {}

    def introduce(self, token: str, principal: Principal) -> None:
        """Make an access token good."""
        self._access[token] = principal

    def introduce_sign_in(self, id_token: str, nonce: str, principal: Principal) -> None:
        """Make an ID token good for this nonce."""
        self._sign_in[id_token, nonce] = principal

    async def access(self, token: str) -> Principal:
        """Return who an access token stands for."""
        if token not in self._access:
            raise NotSignedIn
        return self._access[token]

    async def sign_in(self, id_token: str, nonce: str) -> Principal:
        """Return who signed in."""
        if (id_token, nonce) not in self._sign_in:
            raise NotSignedIn
        return self._sign_in[id_token, nonce]
