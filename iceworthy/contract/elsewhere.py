"""URLs to which a catalog's answers send its clients.

Claim: a URL that the suite must not follow (iceworthy/client/gate.py) is a statement about the
target: the case is undecided, and says which host the answer names and how to allow it. A URL in
which readers of URLs find different hosts breaks the case. Example: overrides.uri of /v1/config is
https://catalog.example; every client moves there, so that this review saw another address than
clients do.
What this does NOT show: what is at a host that was not allowed; nothing is sent to it.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from iceworthy.client import gate
from iceworthy.client.asker import Reply
from iceworthy.contract.desk import Desk
from iceworthy.contract.endings import Needs


def allowed(desk: Desk, what: str, url: str, reply: Reply | None = None) -> SplitResult:
    """The parts of a URL that an answer names. what: where it stands, such as "s3.endpoint".

    Broken if it is not one plain URL; Needs if its host is neither this machine nor allowed.
    """
    try:
        parts = gate.plain_url(url)
        gate.find(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    except ValueError as error:
        desk.broken(f"{what}: a URL that all clients read alike", str(error), reply)
    except gate.NotAllowed as error:
        raise Needs(f"the catalog sends its clients to {url} ({what}): {error}") from None
    except OSError as error:
        raise Needs(f"the catalog sends its clients to {url} ({what}): {error}") from None
    return parts


def own_path(desk: Desk, text: str) -> str:
    """The path that a client asks the catalog for where an answer names an endpoint relative to
    it; "" where the answer names a URL."""
    if "://" in text:
        return ""
    path = f"/{text.lstrip('/')}"
    return path if path.startswith(f"{desk.wire.base}/") else desk.wire.base + path


def allowed_or_path(desk: Desk, what: str, text: str, reply: Reply | None = None) -> None:
    """As `allowed`, where a path on the catalog's own host is as good: that host is being asked."""
    is_path = not urlsplit(text.replace("\\", "/")).netloc and "://" not in text
    if not is_path:
        allowed(desk, what, text, reply)
