"""Which of SSH's algorithms are weak, whoever names them: the server's settings or its offer on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Algorithms:
    """Algorithms of one keyword of sshd: what is known weak, what is known strong; the rest is not known."""

    keyword: str
    weak: re.Pattern[str]
    strong: re.Pattern[str]


CIPHERS = Algorithms(
    "ciphers",
    re.compile(r"cbc|^3des|^des|arcfour|rc4|blowfish|cast|^none$"),
    re.compile(r"aes(128|192|256)-(ctr|gcm@openssh\.com)|chacha20-poly1305@openssh\.com|sm4-(ctr|gcm)"),
)
MACS = Algorithms(
    "macs",
    re.compile(r"md5|-96|umac-64|sha1|^none$"),
    re.compile(r"(hmac-sha2-(256|512)(-etm@openssh\.com)?|umac-128(-etm)?@openssh\.com|hmac-sm3)"),
)
KEY_EXCHANGES = Algorithms(
    "kexalgorithms",
    re.compile(r"sha1(?![0-9])|group1-|group1$|^none$"),
    re.compile(
        r"(curve25519|ecdh|diffie-hellman-group(14|15|16|17|18)"
        r"|diffie-hellman-group-exchange|sntrup(4591761|761)x25519|mlkem768x25519|mlkem768nistp256)"
        r"(-sha2-nistp(256|384|521)|-sha(256|384|512))(@(libssh\.org|openssh\.com|tinyssh\.org))?"
        r"|gss-[a-z0-9-]+-sha(256|512)-[a-z0-9+/=]*"
        r"|sm2-sm3|ext-info-s|kex-strict-s-v00@openssh\.com"
    ),
)
