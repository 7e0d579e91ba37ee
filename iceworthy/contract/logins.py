"""Valid, wrong, expired and read-only logins of a target, for the cases about security.

Claim: what a case shows of a login in its report contains no usable secret. Method: each login is a
HeaderSource. One token of the run is left to expire, so that the run waits for an expiry only once.
A server may accept a token for LEEWAY_S after its end: clocks differ, and the specification's
sources allow it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from iceworthy.client.asker import Asker, Reply
from iceworthy.client.auth import HeaderSource, api_key_source, header_source, token_url
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs, Unanswered
from iceworthy.words.target import AuthSpec

NOBODY = HeaderSource()
WRONG_TOKEN = HeaderSource(
    {"Authorization": "Bearer iceworthy-no-such-token"},
    shown={"Authorization": "Bearer iceworthy-no-such-token"},
)
LIFE_S_MAX = 40.0
LEEWAY_S = 60.0
ASK_S = 10.0
POLL_S = 0.5
TOKEN_PATH = "POST token endpoint"


def auth_of(desk: Desk) -> AuthSpec:
    return desk.live.spec.auth


def secret_of(desk: Desk, name: str) -> str:
    """The value of a credential that the target file names; "" if it names none."""
    variable = getattr(auth_of(desk), f"{name}_variable")
    return desk.live.spec.keyring.secret(variable) if variable else ""


def form_of(desk: Desk, **fields: str) -> dict[str, str]:
    """A client-credentials form for the target's client; the given fields replace its fields."""
    form = {
        "grant_type": "client_credentials",
        "client_id": secret_of(desk, "client_id"),
        "client_secret": secret_of(desk, "client_secret"),
        "scope": auth_of(desk).scope,
        **fields,
    }
    return {name: value for name, value in form.items() if value}


def ask_token(
    desk: Desk,
    form: Mapping[str, str],
    *,
    node: int = 0,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send one request to the token endpoint; Unanswered if no whole answer is received.

    headers: a bearer token to send along.
    """
    index = node % len(desk.live.nodes)
    url = token_url(desk.live.spec, desk.live.nodes[index].url)
    parts = urlsplit(url)
    where, path = f"{parts.scheme}://{parts.netloc}", parts.path or "/"
    head = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    login = HeaderSource(ca_file=desk.live.spec.keyring.ca_file)
    asker = Asker(where, headers=login, node=index, timeout_s=ASK_S)
    try:
        sent = asker.send(
            "POST", path, body=urlencode(form).encode(), headers={**head, **(headers or {})}
        )
    finally:
        asker.close()
    if not sent.whole:
        found = sent.exchange
        raise Unanswered(f"no answer from {TOKEN_PATH} {url}: {found.error} {found.detail[:120]}")
    # The form holds the client's secret: a variable stands for it in what is kept.
    shown = "&".join(
        f"{name}=${name.upper()}" if _is_secret(name) else urlencode({name: value})
        for name, value in form.items()
    )
    asked = replace(
        sent.asked,
        operation="getToken",
        body=shown.encode(),
        login={"Authorization": "Bearer $TOKEN"} if headers else {},
        headers=head,
        has_variables=True,
    )
    reply = Reply(asked=asked, exchange=sent.exchange)
    desk.recent.append(reply)
    return reply


def _is_secret(field: str) -> bool:
    return field in ("client_secret", "client_id", "subject_token", "actor_token")


def bearer(text: str, shown: str = "$TOKEN") -> HeaderSource:
    return HeaderSource(
        {"Authorization": f"Bearer {text}"}, shown={"Authorization": f"Bearer {shown}"}
    )


def new_token(desk: Desk, *, node: int = 0, **fields: str) -> str:
    """A new access token of the target's client; Needs if none is given."""
    reply = ask_token(desk, form_of(desk, **fields), node=node)
    text = reply.get("access_token")
    if reply.status != 200 or not isinstance(text, str):
        raise Needs(f"needs the token endpoint to work, but: status {reply.status}")
    return text


@dataclass(frozen=True, slots=True)
class Aging:
    """Two tokens that nobody renews. ends_at: in monotonic seconds, as the server announced.

    text: each node has served a request with it. unseen: no node sees it before its end, so none
    can know from before that it was good.
    """

    text: str
    life_s: float
    ends_at: float
    unseen: str = ""


def aging(desk: Desk) -> Aging:
    """The tokens that are left to expire; the first caller requests them, and Needs if one is not
    good while it lives."""

    def ask() -> Aging:
        unseen = new_token(desk)
        began = time.monotonic()
        reply = ask_token(desk, form_of(desk))
        text, life = reply.get("access_token"), reply.get("expires_in")
        if reply.status != 200 or not isinstance(text, str):
            raise Needs(f"needs the token endpoint to work, but: status {reply.status}")
        seconds = float(life) if isinstance(life, int | float) else 3600.0
        for node, _ in enumerate(desk.live.nodes):
            desk.need(desk.do("listNamespaces", node=node, login=bearer(text)))
        return Aging(text, seconds, began + seconds, unseen)

    return desk.shared("aging token", ask)


def expired(desk: Desk) -> list[HeaderSource]:
    """Both aging tokens after their expiry: the one that the nodes have seen, and the other. Skips
    if tokens live too long to wait for it."""
    token = aging(desk)
    if token.life_s > LIFE_S_MAX:
        desk.skip(
            f"access tokens live for {token.life_s:.0f} s, too long to wait for: give the target a "
            f"shorter life, up to {LIFE_S_MAX:.0f} s"
        )
    time.sleep(max(0.0, token.ends_at - time.monotonic()))
    return [
        bearer(token.text, "$EXPIRED_TOKEN"),
        bearer(token.unseen, "$EXPIRED_TOKEN_NEVER_SENT_BEFORE"),
    ]


def until_refused(desk: Desk, ask: Callable[[], Reply], ends_at: float) -> Reply:
    """Repeat until an answer is not a 2xx or the leeway is over; returns the last answer."""
    while True:
        reply = ask()
        if not reply.ok or time.monotonic() > ends_at + LEEWAY_S:
            return reply
        time.sleep(POLL_S)


def reader(desk: Desk) -> HeaderSource:
    """A login with a read-only token."""
    spec = desk.live.spec
    auth = replace(
        spec.auth,
        kind="client_credentials",
        scope=spec.auth.read_only_scope,
        client_id_variable=spec.auth.read_only_client_id_variable,
        client_secret_variable=spec.auth.read_only_client_secret_variable,
    )
    url = desk.live.nodes[0].url

    def make() -> HeaderSource:
        source = header_source(replace(spec, auth=auth), url)
        source.shown = {"Authorization": "Bearer $READ_ONLY_TOKEN"}
        return source

    return desk.shared("reader", make)


def key(desk: Desk) -> HeaderSource:
    spec = desk.live.spec
    return api_key_source(spec, spec.auth.api_key_variable, "api_key_variable")


def reader_key(desk: Desk) -> HeaderSource:
    spec = desk.live.spec
    return api_key_source(spec, spec.auth.read_only_api_key_variable, "read_only_api_key_variable")


def key_of(desk: Desk, text: str) -> HeaderSource:
    """A login with this text as its API key; reports show the text, so never pass a valid key."""
    header = auth_of(desk).api_key_header
    value = f"Bearer {text}" if header.lower() == "authorization" else text
    return HeaderSource({header: value}, shown={header: value})
