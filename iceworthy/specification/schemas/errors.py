"""Errors, the configuration, and OAuth2's messages.

Source: the Iceberg REST specification; for OAuth2, RFC 6749 and RFC 8693 as the specification
narrows them. Not checked here: that an error's code equals the status
(iceworthy/specification/validation.py checks it).
"""

from __future__ import annotations

from iceworthy.specification.notation import any_of, record

_TOKEN = "urn:ietf:params:oauth:token-type:"

SCHEMAS = {
    "ErrorModel": record(
        {
            "message": "text",
            "type": "text",
            "code": "int(400..600)",
            "stack?": "[text]",
        }
    ),
    "IcebergErrorResponse": record({"error": "ErrorModel"}, closed=True),
    # Here the specification's schema is the bare error and its example the wrapped error.
    "EitherError": any_of("IcebergErrorResponse", "ErrorModel"),
    "CatalogConfig": record(
        {
            "defaults": "{text}",
            "overrides": "{text}",
            "endpoints?": "[text]",
            "idempotency-key-lifetime?": "duration",
        }
    ),
    "TokenType": {
        "type": "string",
        "enum": [
            f"{_TOKEN}{kind}"
            for kind in ("access_token", "refresh_token", "id_token", "saml1", "saml2", "jwt")
        ],
    },
    "OAuthClientCredentialsRequest": record(
        {
            "grant_type": "'client_credentials'",
            "scope?": "text",
            "client_id": "text",
            "client_secret": "text",
        }
    ),
    "OAuthTokenExchangeRequest": record(
        {
            "grant_type": "'urn:ietf:params:oauth:grant-type:token-exchange'",
            "scope?": "text",
            "requested_token_type?": "TokenType",
            "subject_token": "text",
            "subject_token_type": "TokenType",
            "actor_token?": "text",
            "actor_token_type?": "TokenType",
        }
    ),
    "OAuthTokenRequest": any_of("OAuthClientCredentialsRequest", "OAuthTokenExchangeRequest"),
    "OAuthTokenResponse": record(
        {
            "access_token": "text",
            "token_type": "'bearer'|'mac'|'N_A'",
            "expires_in?": "int",
            "issued_token_type?": "TokenType",
            "refresh_token?": "text",
            "scope?": "text",
        }
    ),
    "OAuthError": record(
        {
            "error": "'invalid_request'|'invalid_client'|'invalid_grant'|'unauthorized_client'"
            "|'unsupported_grant_type'|'invalid_scope'",
            "error_description?": "text",
            "error_uri?": "text",
        }
    ),
}
