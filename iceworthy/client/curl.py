"""A call as the curl line that repeats it, with variables in place of secrets.

Claim: pasted into a shell, the line sends the same method, path, headers and body. It holds the
name of the environment variable in place of a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from iceworthy.words.foreign import is_hidden, quoted

VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_IN_DOUBLE_QUOTES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "$": "\\$", "`": "\\`", "!": "\"'!'\""}
)


def curl_line(
    method: str,
    url: str,
    *,
    login: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    has_variables: bool = False,
) -> str:
    """One line. login: headers with $VARIABLE for each secret, as HeaderSource.shown gives them;
    headers: others, sent as they are. has_variables: the body too holds $VARIABLE for its secrets.
    """
    words = ["curl", "-sS", "-i"]
    if method == "HEAD":
        words.append("-I")
    elif method != ("GET" if body is None else "POST"):
        words += ["-X", quoted(method)]
    if any(character in url for character in "[]{}"):
        words.append("-g")  # curl takes them for a range of URLs
    if "/./" in url or "/../" in url:
        words.append("--path-as-is")
    words.append(quoted(url))
    words += [f"-H {with_variables(_header(*one))}" for one in (login or {}).items()]
    words += [f"-H {quoted(_header(*one))}" for one in (headers or {}).items()]
    if body is not None:
        words.append(_body(body, has_variables))
    return " ".join(words)


def token_line(url: str, variables: Mapping[str, str], scope: str) -> str:
    """The line that asks for a token by client credentials. variables: field of the form -> the
    environment variable that holds its value; scope: "" sends none."""
    words = ["curl", "-sS", quoted(url), "-d", "grant_type=client_credentials"]
    for field, variable in variables.items():
        words += ["--data-urlencode", f'"{field}=${variable}"']
    if scope:
        words += ["--data-urlencode", quoted(f"scope={scope}")]
    return " ".join(words)


def with_variables(text: str) -> str:
    """The text as one word of a shell command in which only its variables mean anything."""
    if not VARIABLE.search(text):
        return quoted(text)
    if any(map(is_hidden, text)):
        return _joined(text)
    made, at = "", 0
    for found in VARIABLE.finditer(text):
        made += text[at : found.start()].translate(_IN_DOUBLE_QUOTES)
        at = found.end()
        # "$a[1]" would be an element of an array in zsh
        made += f"${{{found[0][1:]}}}" if text[at : at + 1] == "[" else found[0]
    return f'"{made}{text[at:].translate(_IN_DOUBLE_QUOTES)}"'


def _joined(text: str) -> str:
    """The same for a text with characters that must not stand in a line as they are."""
    made, at = "", 0
    for found in VARIABLE.finditer(text):
        made += quoted(text[at : found.start()]) if found.start() > at else ""
        made += f'"{found[0]}"'
        at = found.end()
    return made + (quoted(text[at:]) if text[at:] else "")


def _header(name: str, value: str) -> str:
    return f"{name}: {value}" if value else f"{name};"  # "Name:" would tell curl to leave it out


def _body(body: bytes, has_variables: bool) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if any(map(is_hidden, text)):  # nothing that a word of a command can hold, or a reader can see
        octal = "".join(f"\\{byte:03o}" for byte in body)
        return f"--data-binary @<(printf '{octal}')"
    option = "--data-raw" if text.startswith("@") else "--data-binary"  # "@" would name a file
    return f"{option} {with_variables(text) if has_variables else quoted(text)}"
