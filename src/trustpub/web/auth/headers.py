"""What every page tells the browser beside itself: what may run, who may frame it, and what may be kept."""

from __future__ import annotations

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
PERMISSIONS_POLICY = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
TRANSPORT_SECURITY = "max-age=31536000"
"""A year. Without `includeSubDomains`: the other hosts of a domain are not ours to decide about."""


def security_headers(*, https: bool, secret: bool = False, keep: bool = False) -> dict[str, str]:
    """The headers of one page.

    `secret`: its address or its text holds one, and no other page may learn the address. `keep`: it is the same for everybody,
    and a browser may keep it if it asks each time whether it changed.
    """
    headers = {
        "cache-control": "no-cache" if keep else "no-store",
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": PERMISSIONS_POLICY,
        "referrer-policy": "no-referrer" if secret else "same-origin",
        "vary": "Cookie, Accept-Language",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    if https:
        headers["strict-transport-security"] = TRANSPORT_SECURITY
    return headers
