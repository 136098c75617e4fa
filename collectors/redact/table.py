"""Table of the forms of secrets that particular programs and devices write. ``v`` is the secret."""

from __future__ import annotations

import re

THIRD_FIELD = frozenset(("chap-secrets", "pap-secrets"))
"""Files whose third word is a secret."""

HASHES = re.compile(
    r"\$(?:y|gy|7|sha1|sm3y?|md5)\$[./0-9A-Za-z$,=]{16,}"
    r"|\$2[abxy]?\$\d\d\$[./0-9A-Za-z]{20,}"
    r"|\$[56]\$(?:rounds=\d{1,9}\$)?[^\s:$\"']{0,16}\$[./0-9A-Za-z]{20,}"
    r"|\$(?:1|apr1)\$[^\s:$\"']{0,8}\$[./0-9A-Za-z]{16,}"
    r"|\$[89]\$[./0-9A-Za-z]{10,}\$[./0-9A-Za-z]{20,}"
    r"|\$(?:3|nt)\$\$?[0-9a-fA-F]{32}"
    r"|\$argon2i?d?\$[./0-9A-Za-z$,=+]{20,}"
    r"|\$pbkdf2[\w-]{0,12}\$[./0-9A-Za-z$,=+]{20,}"
    r"|SCRAM-SHA-256\$[0-9]{1,9}:[0-9A-Za-z+/=]{8,}\$[0-9A-Za-z+/=:]{20,}"
    r"|\{(?:S?SHA\d{0,3}|S?MD5|CRYPT)\}[./0-9A-Za-z+=$]{8,}"
    r"|grub\.pbkdf2\.[\w.]{20,}"
    r"|\*[0-9A-F]{40}(?![0-9A-F])"
)
"""Password hashes that tell themselves wherever they stand."""

_PARTS = {
    "VALUE": r"(?P<v>\"[^\"]{0,2000}\"|'[^']{0,2000}'|\S+)",
    "TYPE": r"(?:[0-9]|cipher|simple|plain|irreversible-cipher|sha256|sha512|encrypted|ENC|ascii-text"
    r"|hexadecimal|ciphertext|plaintext)[ \t]+",
    # two-word lines that state a rule
    "RULE": r"(?:strength|complexity|policy|policies|encryption|expire|alert|history|minimum|min|max|maximum"
    r"|length|change|check|aging|recovery|control|required|requisite|optional|sufficient|include|substack"
    r"|security|authentication|prompt|level|remote|local|storage|hash|method|is|has|was|must|change-required"
    r"|age|never)\b",
}

_ARGUMENTS = (
    ("password", "pass pwd", r"--(?:[\w-]{0,30}-)?(?:password|passwd|passphrase|pass|pwd) (?!-)VALUE"),
    (
        "token",
        "token secret psk key",
        r"--(?:[\w-]{0,30}-)?(?:token|secret|psk|api-?key|secret-?key|auth-?key) (?!-)VALUE",
    ),
    ("password", "sshpass", r"\bsshpass -p\s*VALUE"),
    (
        "password",
        "mysql mariadb",
        r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\s(?:.{0,200}?\s)?-p(?P<v>[^\s-]\S*)",
    ),
    ("password", "curl", r"\bcurl\s.{0,200}?(?:-u|--user)\s*[^\s:]{1,80}:(?P<v>[^\s\"']+)"),
    ("password", "://", r"[a-z][a-z0-9+.\-]{0,20}://[^\s/:@\"']{0,80}:(?P<v>[^\s/@\"']{1,200})@"),
    (
        "token",
        "authorization",
        r"authorization[\"']?\s*[=:]\s*[\"']?(?:bearer|basic|token|digest) (?P<v>[^\s\"']+)",
    ),
    ("token", "eyj", r"(?P<v>\beyJ[\w-]{10,2000}\.[\w-]{4,}\.[\w-]*)"),
)

_SNMP = (
    # Net-SNMP
    ("community", "community", r"^\s*(?:ro|rw|trap)community6? VALUE"),
    ("community", "authcommunity", r"^\s*authcommunity \S{1,40} VALUE"),
    ("community", "com2sec", r"^\s*com2sec6? (?:-Cn \S{1,60} )?\S{1,60} \S{1,60} VALUE"),
    ("community", "sink", r"^\s*(?:trap2?sink|informsink) \S{1,80} VALUE"),
    ("secret", "createuser", r"^\s*createUser .{1,120}?\s(?:MD5|SHA[-\d]{0,7}) VALUE"),
    ("secret", "createuser", r"^\s*createUser .{1,300}?\s(?:DES|AES[-\d]{0,4}) VALUE"),
    ("secret", "usmuser", r"^usmUser .{0,400}?\.\d+ (?P<v>0x[0-9a-f]{16,}|\"[^\"]{8,200}\")"),
    # network devices
    ("community", "snmp-server", r"\bsnmp-server community (?:\d (?!r[ow]\b))?VALUE"),
    ("community", "snmp-agent", r"\bsnmp-agent community (?:read|write) (?:TYPE)?(?!TYPE)VALUE"),
    (
        "community",
        "snmp-server",
        (
            r"\bsnmp-server host \S{1,80} "
            r"(?:(?:traps?|informs?|vrf \S{1,60}|version v?(?:1|2c|3)|auth|noauth|priv|community) )*VALUE"
        ),
    ),
    ("community", "snmp", r"\bset snmp community VALUE"),
    ("community", "community", r"^\s*community (?P<v>\"[^\"]{1,200}\"|[^\s:{]+)\s*\{"),
    ("community", "securityname", r"\bsecurityname (?:TYPE)?(?!TYPE)VALUE"),
    (
        "secret",
        "auth",
        r"\b(?:auth|authentication-mode) (?:md5|sha\d*(?:-\d{3})?) (?:TYPE)?(?!TYPE|priv|access)VALUE",
    ),
    (
        "secret",
        "priv",
        r"\b(?:priv|privacy-mode) (?:3?des\d*|aes(?:-?\d{3}| \d{3})?) (?:TYPE)?(?!TYPE|\d{3}\s|access)VALUE",
    ),
)

_DEVICES = (
    (
        "password",
        "password secret passphrase",
        r"\b(?:password|secret|passphrase) (?:(?:level|role|privilege) \S{1,20} )?TYPEVALUE",
    ),
    ("password", "enable", r"\benable (?:password|secret) (?:level \d+ )?(?!TYPE|level\b)VALUE"),
    ("password", "username", r"\busername \S{1,80}\s.{0,120}?\b(?:password|secret) (?!TYPE)VALUE"),
    ("password", "password secret passphrase", r"^\s*(?:password|secret|passphrase) (?!RULE|TYPE)VALUE\s*$"),
    ("password", "password", r"\bpassword hash (?P<v>\$\S+)"),
    ("password", "neighbor", r"\bneighbor \S{1,80} password (?!TYPE)VALUE"),
    ("password", "encrypted-password", r"\bencrypted-password VALUE"),
    ("password", "secret", r"\bsecret (?P<v>\"[^\"]{1,2000}\")"),
    (
        "secret",
        "set",
        (
            r"\bset (?:password|passwd|psksecret|passphrase|secret|auth-pwd|priv-pwd|key) "
            r"(?:TYPE)?(?!TYPE|RULE)VALUE"
        ),
    ),
    (
        "key",
        "radius tacacs",
        r"\b(?:radius|tacacs|hwtacacs)\S{0,20}\s(?:.{0,160}?\s)?(?:key|shared-key) (?:TYPE)?(?!TYPE)VALUE",
    ),
    ("key", "key", r"^\s*(?:key|shared-key) (?:(?:authentication|accounting|authorization) )?TYPEVALUE"),
    ("key", "key-string", r"\bkey-string (?:TYPE)?(?!TYPE)VALUE"),
    ("key", "-key", r"\b(?:authentication-key|(?<!pre-)shared-key) (?:TYPE)?(?!TYPE)VALUE"),
    ("key", "message-digest-key", r"\bmessage-digest-key \d+ md5 (?:TYPE)?(?!TYPE)VALUE"),
    ("psk", "isakmp", r"\bisakmp key (?:TYPE)?(?!TYPE)VALUE"),
    (
        "psk",
        "pre-shared-key",
        r"\bpre-shared-key (?:(?:local|remote) )?(?:TYPE)?(?!TYPE|address\b|hostname\b)VALUE",
    ),
    ("psk", "pre-shared-key", r"\bpre-shared-key (?:address|hostname) .{1,80}?\skey (?:TYPE)?(?!TYPE)VALUE"),
    ("psk", "wpa-psk", r"\bwpa-psk (?:ascii|hex|pass-phrase) (?:TYPE)?(?!TYPE)VALUE"),
)

_PROGRAMS = (
    # strongSwan's ipsec.secrets
    ("psk", "psk eap xauth ntlm", r"(?:^|\s):\s*(?:PSK|EAP|XAUTH|NTLM) VALUE"),
    (
        "secret",
        "rsa ecdsa pkcs8 p12 bliss",
        r"(?:^|\s):\s*(?:RSA|ECDSA|PKCS8|P12|BLISS) \S{1,200} (?!%prompt)VALUE",
    ),
    ("password", "password", r"\b(?:login|user) \S{1,80} password (?!TYPE)VALUE"),
    ("password", "requirepass masterauth", r"(?:^\s*|\s--)(?:requirepass|masterauth) VALUE"),
    # Redis: the users of its files, each password after a sign
    ("password", "user", r"^\s*user \S{1,200} (?:\S{1,300} ){0,200}?[><](?P<v>[^\s\ud800]\S*)"),
    ("password", "user", r"^\s*user \S{1,200} (?:\S{1,300} ){0,200}[><](?P<v>[^\s\ud800]\S*)"),
    ("password", "user", r"^\s*user \S{1,200} (?:\S{1,300} ){0,200}?#(?P<v>[0-9a-fA-F]{64})"),
    (
        "password",
        "identified",
        r"\bidentified (?:with \S{1,40} )?(?:by|as) (?:password )?(?P<v>\"[^\"]{1,500}\"|'[^']{1,500}')",
    ),
    # agents that forward records: Fluent Bit's sections, Filebeat's pair of user and password
    (
        "password",
        "passwd shared_key splunk_token secret_key",
        r"^\s*(?:http_passwd|tls\.key_passwd|shared_key|splunk_token|\w{0,30}secret_key) VALUE",
    ),
    ("password", "cloud.auth", r"\bcloud\.auth[\"']?\s*[=:]\s*[\"']?[^:\"'\s]{1,80}:(?P<v>[^\"'\s]+)"),
    # elements of XML
    (
        "secret",
        "</",
        (
            r"<[\w:.-]{0,40}(?:password|passwd|passphrase|secret|token|psk|pre-shared-key|community|private-?key"
            r"|api-?key)(?:-?hash|\d{1,3})?(?:\s[^>]{0,80})?>(?P<v>[^<]{1,2000})</"
        ),
    ),
    # WireGuard: `wg show INTERFACE dump` and `wg show all dump`
    (
        "key",
        "=\t",
        r"^(?:\S{1,15}\t)?(?P<v>[0-9A-Za-z+/]{43}=)\t[0-9A-Za-z+/]{43}=\t\d{1,5}\t(?:off|0x[0-9a-f]+|\d+)\s*$",
    ),
    ("psk", "=\t", r"^(?:\S{1,15}\t)?[0-9A-Za-z+/]{43}=\t(?P<v>[0-9A-Za-z+/]{43}=)\t\S+\t"),
)


def _compiled(shape: str) -> re.Pattern[str]:
    """Turn a shape of the tables into a regular expression: a blank in it stands for blanks and tabs."""
    text = shape.replace(" ", r"[ \t]+")
    for name, part in _PARTS.items():
        text = text.replace(name, part)
    return re.compile(text, re.IGNORECASE | re.ASCII)


def _by_word() -> dict[str, tuple[tuple[str, re.Pattern[str]], ...]]:
    forms: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for table in (_ARGUMENTS, _SNMP, _DEVICES, _PROGRAMS):
        for kind, words, shape in table:
            pattern = _compiled(shape)
            for word in words.split(" "):
                forms.setdefault(word, []).append((kind, pattern))
    return {word: tuple(found) for word, found in forms.items()}


FORMS = _by_word()
"""Kinds of secrets and their forms, by words in lower case of which every line of the form holds one.

The words are there for speed: fifty patterns a line would be what masking costs.
"""
