"""What stands in the place of a secret: its kind, how good it was, and whether it is the same as another.

``<masked KIND class=CLASS id=ID>`` for a secret, ``<masked password scheme=SCHEME id=ID>`` for a hash.
The id is the first 16 hexadecimal digits of HMAC-SHA256 under the run's key: equal secrets have equal ids
within a run, and nobody can try words against it once the key is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import re

MASK = re.compile(r"<masked [a-z-]{1,20} (?:class|scheme)=[a-z0-9-]{1,20} id=[0-9a-f]{16}>")
"""Any mask, as it stands in text."""

SCHEMES: tuple[tuple[str, str], ...] = (
    (r"\$y\$", "yescrypt"),
    (r"\$gy\$", "gost-yescrypt"),
    (r"\$7\$", "scrypt"),
    (r"\$2[abxy]?\$", "bcrypt"),
    (r"\$6\$", "sha512crypt"),
    (r"\$5\$", "sha256crypt"),
    (r"\$sha1\$", "sha1crypt"),
    (r"\$sm3\$", "sm3crypt"),
    (r"\$1\$", "md5crypt"),
    (r"\$3\$", "nthash"),
    (r"_[./0-9A-Za-z]{19}$", "bsdicrypt"),
    (r"[./0-9A-Za-z]{13}$", "descrypt"),
)
"""Beginnings (or whole shapes) of crypt(5) hashes and the names of their schemes."""

DEFAULTS = frozenset(
    "public private community cisco admin administrator root password passwd secret default guest user test "
    "huawei h3c h3capadmin juniper admin123 admin@123 admin@huawei admin@huawei.com huawei@123 huawei12#$ "
    "changeme calvin toor oracle mysql postgres sa tomcat ubnt raspberry netman hillstone talent".split()
)
"""Words that devices and programs are delivered with, in lower case."""

WEAK = frozenset(
    "123456 1234567 12345678 123456789 1234567890 123123 111111 000000 888888 666666 qwerty abc123 "
    "qwertyuiop "
    "abcd1234 a123456 aa123456 iloveyou letmein welcome welcome1 monkey dragon master hello p@ssw0rd "
    "passw0rd "
    "password1 password123 1qaz2wsx 1q2w3e4r zaq12wsx qwe123 admin1234 root123 test123 5201314 woaini".split()
)
"""Words that every guesser tries first, in lower case."""

SHORTEST = 8
"""Characters below which a secret is weak whatever it is."""


def mask_secret(kind: str, value: str, key: bytes) -> str:
    """Return the mask of a secret of ``kind`` (lower-case words joined by ``-``)."""
    return f"<masked {kind} class={class_of(value)} id={identity(value, key)}>"


def mask_hash(value: str, key: bytes) -> str:
    """Return the mask of a password hash."""
    return f"<masked password scheme={scheme_of(value)} id={identity(value, key)}>"


def identity(value: str, key: bytes) -> str:
    """Return what tells ``value`` from others in this run and says nothing else about it."""
    return hmac.new(key, value.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:16]


def class_of(value: str) -> str:
    """Classify a secret: ``empty``, ``default``, ``weak`` or ``other``."""
    plain = value.casefold()
    if not value:
        return "empty"
    if plain in DEFAULTS:
        return "default"
    if len(value) < SHORTEST or plain in WEAK or len(set(value)) == 1:
        return "weak"
    return "other"


def scheme_of(value: str) -> str:
    """Name the scheme of a password hash; ``unknown`` for what crypt(5) does not describe."""
    for shape, name in SCHEMES:
        if re.match(shape, value):
            return name
    return "unknown"
