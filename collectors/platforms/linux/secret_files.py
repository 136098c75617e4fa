"""Keys and credentials that every account can read: place and name only, never their content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Command, Need, Reader, Step
from collectors.platforms.linux.host import unparsable
from scanner.facts import ExposedSecret, ExposedSecrets
from scanner.facts.defence import SecretKind
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

_CONTROL = "/etc/passwd"
"""A file that every account can read on every host: what shows that the look worked."""

_PLACES = (
    *("/etc/ssl/private", "/etc/pki/tls/private", "/etc/nginx", "/etc/httpd", "/etc/apache2", "/etc/openvpn"),
    *("/etc/wireguard", "/etc/kubernetes", "/etc/ssh", "/etc/ppp", "/etc/ipsec.secrets", "/etc/ipsec.d"),
    *("/etc/swanctl", "/etc/rsyncd.secrets", "/etc/krb5.keytab", "/root", "/home"),
)

_KINDS = {
    **dict.fromkeys(("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "krb5.keytab"), SecretKind.KEY),
    **dict.fromkeys(
        (".pgpass", ".git-credentials", "ipsec.secrets", "rsyncd.secrets", "chap-secrets", "pap-secrets"),
        SecretKind.CREDENTIALS,
    ),
    **dict.fromkeys((".netrc", ".my.cnf", "credentials", "admin.conf"), SecretKind.PERHAPS),
    **dict.fromkeys(("kubeconfig", ".dockercfg", ".vault-token", ".pypirc", ".npmrc"), SecretKind.PERHAPS),
    **dict.fromkeys((".bash_history", ".zsh_history", ".mysql_history", ".psql_history"), SecretKind.PERHAPS),
}
_ENDS = {"/.docker/config.json": SecretKind.PERHAPS, "/.kube/config": SecretKind.PERHAPS}
"""Files whose name alone says little: kinds by the end of their path."""

_ENDINGS = (".key", "_key", "-key.pem", "privkey.pem")
"""How names of private keys end. Not all of ``*.pem``: most are certificates, open to all by right."""


def _named() -> tuple[str, ...]:
    names = (_CONTROL.rpartition("/")[2], *_KINDS, *(f"*{ending}" for ending in _ENDINGS))
    by_name = tuple(word for name in names for word in ("-o", "-name", name))[1:]
    return (*by_name, *(word for end in _ENDS for word in ("-o", "-path", f"*{end}")))


# Folders that others cannot enter are left out, whatever the modes inside: nobody reads what he cannot reach.
# Both tests are find's own, so that one constant command serves GNU and busybox alike.
EXPOSED = Step(
    "exposed-secrets",
    Command(
        (
            *("find", "-H", _CONTROL, *_PLACES, "-maxdepth", "3"),  # -H: /home may be a link
            *("-type", "d", "!", "-perm", "-001", "-prune", "-o"),
            *("-type", "f", "-perm", "-004", "-size", "+0c", "(", *_named(), ")", "-print"),
        ),
        accepts=(0, 1),  # 1: one of the places does not exist
    ),
    Text(
        zh="所有账户都能读到的私钥与凭据文件（只列文件名，不读内容）",
        en="private keys and credential files that every account can read (names only, not read)",
    ),
    control=rf"^{_CONTROL}$",
)


def read_exposed_secrets(evidence: Evidence) -> ExposedSecrets:
    """Read which keys and credentials lie open.

    Raises:
        Unseen: not asked, refused in any place, or a line that is no path that was asked for.
    """
    document = evidence.command(EXPOSED)
    found: list[ExposedSecret] = []
    for number, line in enumerate(document.lines, 1):
        if line in {"", _CONTROL}:
            continue
        if not any(line == place or line.startswith(f"{place}/") for place in _PLACES):
            raise unparsable(EXPOSED, document, number, "not a path that was asked for")
        kind = _kind(line)
        if kind is None:
            raise unparsable(EXPOSED, document, number, "not a name that was asked for")
        found.append(ExposedSecret(line, kind, document.cite(number)))
    return ExposedSecrets((document.whole,), tuple(found))


def _kind(path: str) -> SecretKind | None:
    for end, kind in _ENDS.items():
        if path.endswith(end):
            return kind
    name = path.rpartition("/")[2]
    if name == "passwd":  # another file of the control's name, in a place that was looked into
        return SecretKind.PERHAPS
    if name.endswith(_ENDINGS):
        return SecretKind.KEY
    return _KINDS.get(name)


STEPS = (EXPOSED,)

READERS = (Reader(ExposedSecrets, (Need((EXPOSED,)),), read_exposed_secrets),)
