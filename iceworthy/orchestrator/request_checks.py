"""Finds the errors of a request that can be known before anything is started.

Claim: an unset variable, an unknown case, a file of authorities that is not there and a limit that
is too low for the sessions are a PlanError at once, and not an end half-way.
What this does NOT show: that the target answers, that a credential is right, or that a command of
the target file exists.
"""

from __future__ import annotations

import os
import shutil
import ssl
from collections.abc import Sequence
from dataclasses import fields, replace

from iceworthy.client.auth import header_source
from iceworthy.discovery import nearest
from iceworthy.orchestrator.settings import Runtime
from iceworthy.words.errors import PlanError, TargetError
from iceworthy.words.target import CREDENTIALS, FROM_ENVIRONMENT, Keyring, TargetSpec


def refuse_unset_variables(spec: TargetSpec) -> None:
    """PlanError when a variable that the target file names is not set, or holds what no header can
    carry. Nodes that the suite starts get made-up credentials for variables that are not set."""
    made_up: dict[str, str] = {}
    if spec.node.is_started:
        variables = (getattr(spec.auth, f"{name}_variable") for name in CREDENTIALS)
        made_up = {name: "made-up" for name in variables if name and not os.environ.get(name)}
    texts = [("command", text) for text in spec.node.command]
    texts += [(f"environment {name}", text) for name, text in spec.node.environment.items()]
    for place, text in texts:
        for variable in FROM_ENVIRONMENT.findall(text):
            if variable not in os.environ and variable not in made_up:
                raise PlanError(
                    f"{spec.name}: [node] {place} is {text!r}, and the environment variable "
                    f"{variable} is not set; set it: export {variable}=..."
                )
    url = next(iter(spec.node.urls), "http://127.0.0.1:1")
    try:
        header_source(replace(spec, keyring=Keyring(secrets=made_up)), url)
    except TargetError as error:
        raise PlanError(f"{spec.name}: {error}") from error


def refuse_missing_program(spec: TargetSpec) -> None:
    """PlanError when the command of a node names no program of this machine."""
    program = "" if spec.node.image else next(iter(spec.node.command), "")
    path = spec.node.environment.get("PATH")
    if not program or "{" in program + (path or "") or shutil.which(program, path=path):
        return
    raise PlanError(
        f"{spec.name}: [node] command wants the program {program!r}, which is neither on PATH nor "
        "an executable file; give its whole path"
    )


def refuse_missing_authorities(spec: TargetSpec) -> None:
    """PlanError when SSL_CERT_FILE, by which nodes at https are trusted, names no certificates.

    OpenSSL passes over a file that is not there, and the certificate then looks untrusted.
    """
    points = (getattr(spec.endpoints, one.name) for one in fields(spec.endpoints))
    asked = (*spec.node.urls, spec.auth.token_path, *(str(point) for point in points))
    secure = [url for url in asked if url.startswith(("https://", "wss://"))]
    path = os.environ.get("SSL_CERT_FILE", "")
    if not path or not secure:
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=path)
        why = "" if context.cert_store_stats()["x509"] else "it holds no certificate"
    except OSError as error:  # ssl.SSLError is one: the file is no PEM
        is_text = isinstance(error, ssl.SSLError)
        why = "it holds no certificate in PEM" if is_text else str(error.strerror)
    if why:
        raise PlanError(
            f"{spec.name}: SSL_CERT_FILE={path!r} cannot be used to check the certificate of "
            f"{secure[0]}: {why}; export "
            "SSL_CERT_FILE=FILE with the authority's certificate in PEM, or unset it"
        )


def refuse_other_runtime(spec: TargetSpec, runtime: Runtime) -> None:
    """PlanError when the nodes cannot be run in this way on this machine, before anything is
    started."""
    if runtime == "docker":
        from fixtures.stack.runtimes import check_containers  # it loads what the stack needs

        check_containers(spec)
    elif spec.node.image:
        raise PlanError(
            f"{spec.name}: [node] image is {spec.node.image!r}, which is run in containers; add "
            "--runtime docker"
        )


def refuse_unknown_cases(patterns: Sequence[str]) -> None:
    """PlanError when a pattern of --case fits no case of the contract."""
    from iceworthy.contract.case import cases_of, subjects
    from iceworthy.contract.run import is_like

    cases = []
    for subject in subjects():
        try:
            cases += cases_of(subject)
        except Exception:  # a broken file of cases affects only its own cases
            return
    for pattern in patterns:
        if not any(is_like(one, (pattern,)) for one in cases):
            known = {name for one in cases for name in (one.name, one.about) if name}
            raise PlanError(f"--case: no case named {pattern!r}{nearest(pattern, known)}")
