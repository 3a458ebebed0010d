"""Deribit's signatures: headers of HTTP requests, signing in on a socket, and tokens."""

import re
from typing import Any

from tests.venue_servers.core import Exchange
from tests.venue_servers.deribit_rpc import RpcError, invalid
from tests.venue_servers.hosting import Asked, Json, Socket
from tests.venue_servers.signatures import in_hex

SKEW_LIMIT_MS = 60_000
TOKEN_S = 900
_HEADER = re.compile(r"deri-hmac-sha256 id=([^,]+),ts=(\d+),sig=([0-9a-f]+),nonce=([^,]+)")


class Keys:
    """Who may sign in, and with what."""

    def __init__(self, credentials: dict[str, str], exchange: Exchange) -> None:
        self._key = credentials["apiKey"]
        self._secret = credentials["secret"]
        self._exchange = exchange
        self._tokens: set[str] = set()

    def right_header(self, asked: Asked) -> bool:
        """Whether a request carries a right signature, or a token that was given out."""
        header = asked.headers.get("authorization", "")
        if header.startswith("Bearer "):
            return self.right_token(header.removeprefix("Bearer "))
        found = _HEADER.fullmatch(header)
        if found is None:
            return False
        key, stamp, signature, nonce = found.groups()
        text = f"{stamp}\n{nonce}\n{asked.verb}\n{asked.target}\n{asked.body}\n"
        return key == self._key and self._right(text, signature) and self._recent(int(stamp))

    def right_token(self, token: Any) -> bool:
        """Whether a token was given out."""
        return token in self._tokens

    def sign_in(self, parameters: Json, socket: Socket | None) -> Json:
        """Carry out ``public/auth``; the socket it came by is signed in from then on."""
        kind = parameters.get("grant_type")
        if kind == "client_signature":
            right = self._right_signature(parameters)
        elif kind == "client_credentials":
            right = parameters.get("client_secret") == self._secret
            right = right and parameters.get("client_id") == self._key
        elif kind == "refresh_token":
            right = str(parameters.get("refresh_token", "")).removeprefix("re-") in self._tokens
        else:
            raise invalid("grant_type", "wrong format")
        if not right:
            raise RpcError(13004, "invalid_credentials")
        if socket is not None:
            socket.signed_in = True
        return self._token()

    def _token(self) -> Json:
        token = f"token-{len(self._tokens) + 1}"
        self._tokens.add(token)
        wallet = "read_write" if self._exchange.account.withdrawals_allowed else "read"
        return {
            "access_token": token,
            "refresh_token": f"re-{token}",
            "expires_in": TOKEN_S,
            "scope": f"account:read_write trade:read_write wallet:{wallet} session:apiconsole",
            "sid": "apiconsole",
            "token_type": "bearer",
            "enabled_features": [],
        }

    def _right_signature(self, parameters: Json) -> bool:
        stamp = parameters.get("timestamp", 0)
        text = f"{stamp}\n{parameters.get('nonce', '')}\n{parameters.get('data', '')}"
        right = self._right(text, str(parameters.get("signature", "")))
        return right and parameters.get("client_id") == self._key and self._recent(int(stamp))

    def _right(self, text: str, signature: str) -> bool:
        return in_hex(self._secret, text) == signature

    def _recent(self, stamp_ms: int) -> bool:
        return abs(self._exchange.now_ms() - stamp_ms) <= SKEW_LIMIT_MS
