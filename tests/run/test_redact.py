from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from collectors.redact import redact, redact_bytes
from collectors.redact.assignments import MOST
from collectors.redact.forms import LONGEST, SEARCHED
from collectors.redact.masks import MASK, class_of, identity, scheme_of
from scanner.model import Capture, CaptureKind, Gap, GapReason

KEY = b"0123456789abcdef"
SECRET = "Tr0ub4dor_Horse77"

SHA512 = "$6$saltsalt$" + "a1B2./" * 14 + "ab"
YESCRYPT = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"


def masked(line: str, name: str = "") -> str:
    return redact_bytes(line.encode("utf-8", "surrogateescape"), name, KEY).decode("utf-8", "surrogateescape")


def capture(content: bytes, subject: str = "", kind: CaptureKind = CaptureKind.COMMAND) -> Capture:
    return Capture(
        "web1", "linux", "step", subject, kind, "local", 0, content, b"", datetime(2026, 1, 1, tzinfo=UTC)
    )


FORMS = """
password={}
password = {}
db_password: {}
DB_PASSWORD="{}"
export MYSQL_ROOT_PASSWORD={}
"password": "{}",
{{"user": "x", "password": "{}", "port": 3}}
{{\\"password\\": \\"{}\\"}}
Environment="APP_SECRET={}" "OTHER=1"
client_secret => '{}'
auth_token: {}
psk="{}"
PrivateKey = {}
PresharedKey = {}
preshared key: {}
secret_key={}
api-key: {}
url = postgresql://app:{}@db.example.com/app
host=db user=app password={} dbname=app
ODBC;UID=sa;PWD={};Encrypt=yes
auth required pam_mysql.so user=x passwd={} db=auth
curl -u admin:{} https://x/
tool --password={} --verbose
tool --password {} --verbose
tool --api-key {}
sshpass -p {} ssh host
mysql -u root -p{} db
Authorization: Bearer {}
rocommunity {} default
rwcommunity6 {}
com2sec readonly default {}
trap2sink 10.0.0.1 {}
createUser monitor SHA "{}" AES "other-secret"
createUser monitor SHA-256 other-secret AES {}
snmp-server community {} RO
snmp-server host 10.0.0.9 version 2c {}
snmp-agent community read cipher {}
snmp-agent community write {}
set snmp community {} authorization read-only
snmp-agent usm-user v3 u authentication-mode sha {}
snmp-server user u g v3 auth sha {} priv aes 128 other-secret
snmp-server user u g v3 auth sha other-secret priv aes 128 {}
enable secret 5 {}
enable password {}
username bob privilege 15 secret 9 {}
username bob password {}
 password 7 {}
 password {}
 password irreversible-cipher {}
local-user bob password cipher {}
super password level 3 cipher {}
set password ENC {}
radius-server host 10.0.0.1 key 7 {}
radius-server shared-key cipher {}
tacacs-server key {}
 key-string {}
crypto isakmp key {} address 10.0.0.1
pre-shared-key cipher {}
 pre-shared-key address 10.0.0.1 255.255.255.255 key cipher {}
 ip ospf message-digest-key 1 md5 {}
 neighbor 10.0.0.1 password {}
%any : PSK "{}"
bob : EAP "{}"
machine x login bob password {}
requirepass {}
    HTTP_Passwd {}
    Shared_Key {}
    Splunk_Token {}
    tls.key_passwd {}
cloud.auth: "elastic:{}"
redis-server *:6379 --requirepass {} --port 6379
user alice on >{} ~* +@all
user alice on ~* +@all <{}
CREATE USER x IDENTIFIED BY '{}';
<password>{}</password>
<snmp-community>{}</snmp-community>
# password={}
-----BEGIN PRIVATE KEY-----{}-----END PRIVATE KEY-----
""".strip().splitlines()


@pytest.mark.parametrize("form", FORMS)
def test_a_planted_secret_never_survives(form: str) -> None:
    line = form.format(SECRET)
    result = masked(line)
    assert SECRET not in result
    assert MASK.search(result), "the mask itself was swallowed"
    assert masked(result) == result
    if "other-secret" not in form:
        assert MASK.sub("", result) == form.format(""), "more than the secret went"


secrets = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#$%^*_+-.~?"),
    min_size=10,
    max_size=30,
).filter(lambda s: s[0].isalnum() and s[-1].isalnum())


@given(form=st.sampled_from(FORMS), secret=secrets, before=st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_no_secret_of_any_spelling_survives(form: str, secret: str, before: int) -> None:
    assume(secret not in form)
    if "://" in form or "curl" in form:
        secret = secret.replace("@", "a")
    text = "plain line\n" * before + form.format(secret) + "\nplain line\n"
    result = masked(text)
    assert secret not in result
    assert result.count("\n") == text.count("\n")


@given(
    st.text(
        st.sampled_from("password=secret:community \"';,&|<>{}()/$y6*\n\tAB01masked class=token psk"),
        max_size=200,
    )
)
@settings(max_examples=300, deadline=None)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text)
    assert redact_bytes(once.encode(), "", b"another key") == once.encode()
    assert once.count("\n") == text.count("\n")


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "shadow", "passwd", "opasswd", "chap-secrets", "sshd_config"]),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_keep_their_lines(content: bytes, name: str) -> None:
    once = redact_bytes(content, name, KEY)
    assert once.count(b"\n") == content.count(b"\n")
    assert redact_bytes(once, name, KEY) == once


@pytest.mark.parametrize(
    ("line", "scheme"),
    [
        (f"root:{YESCRYPT}:19000:0:99999:7:::", "yescrypt"),
        (f"root:{SHA512}:19000:0:99999:7:::", "sha512crypt"),
        ("root:$gy$j9T$abc$def:19000:0:99999:7:::", "gost-yescrypt"),
        ("root:$7$CU..../....abc:19000:0:99999:7:::", "scrypt"),
        ("root:$2b$12$abcdefghijklmnopqrstuv:19000:0:99999:7:::", "bcrypt"),
        ("root:$5$salt$hash:19000:0:99999:7:::", "sha256crypt"),
        ("root:$sha1$1$salt$hash:19000:0:99999:7:::", "sha1crypt"),
        ("root:$sm3$salt$hash:19000:0:99999:7:::", "sm3crypt"),
        ("root:$1$salt$hash:19000:0:99999:7:::", "md5crypt"),
        ("root:$3$$8846f7eaee8fb117ad06bdd830b7586c:19000:0:99999:7:::", "nthash"),
        ("root:_J9..rasmBYk8r9AiWNc:19000:0:99999:7:::", "bsdicrypt"),
        ("root:rEK1ecacw.7.c:19000:0:99999:7:::", "descrypt"),
        ("root:plain words:19000:0:99999:7:::", "unknown"),
    ],
)
@pytest.mark.parametrize("lock", ["", "!", "!!", "*LOCKED*"])
def test_hashes_become_their_scheme(line: str, scheme: str, lock: str) -> None:
    name, value, rest = line.split(":", 2)
    result = masked(f"{name}:{lock}{value}:{rest}", "shadow")
    assert result == f"root:{lock}<masked password scheme={scheme} id={identity(value, KEY)}>:{rest}"
    assert masked(result, "shadow") == result


@pytest.mark.parametrize("field", ["", "*", "!", "!!", "!*", "x", "*LK*", "NP"])
@pytest.mark.parametrize("name", ["shadow", "gshadow-", "passwd", ""])
def test_fields_without_a_secret_stay(field: str, name: str) -> None:
    line = f"sshd:{field}:19000:0:99999:7:::"
    assert masked(line, name) == line


def test_every_account_file_is_known() -> None:
    hashed = f"<masked password scheme=descrypt id={identity('rEK1ecacw.7.c', KEY)}>"
    cases = {
        "passwd": (
            "li:rEK1ecacw.7.c:1000:1000::/home/li:/bin/sh",
            f"li:{hashed}:1000:1000::/home/li:/bin/sh",
        ),
        "gshadow": ("adm:rEK1ecacw.7.c::li", f"adm:{hashed}::li"),
        "group": ("adm:rEK1ecacw.7.c:4:li", f"adm:{hashed}:4:li"),
        "shadow": ("li:rEK1ecacw.7.c", f"li:{hashed}"),
        "opasswd": ("li:1000:2:rEK1ecacw.7.c,rEK1ecacw.7.c", f"li:1000:2:{hashed},{hashed}"),
    }
    for name, (before, after) in cases.items():
        assert masked(before, name) == after
    # `getent` brings the same lines without a file's name
    assert masked("li:rEK1ecacw.7.c:19000:0:99999:7:::") == f"li:{hashed}:19000:0:99999:7:::"
    assert masked(cases["passwd"][0]) == cases["passwd"][1]


@pytest.mark.parametrize("name", ["shadow", "group", "gshadow", "passwd-"])
def test_an_account_called_password_is_no_assignment_of_one(name: str) -> None:
    """Its line keeps all fields: without them nothing could be said of any account."""
    line = "no_password::20778:0:99999:7:::"
    assert masked(line, name) == line


def test_a_comment_of_passwd_is_searched_and_its_fields_stay() -> None:
    line = masked(f"li:x:1:1:Li, password={SECRET}:/home/li:/bin/sh", "passwd")
    assert SECRET not in line
    assert line.startswith("li:x:1:1:Li, password=<masked password ")
    assert line.endswith(">:/home/li:/bin/sh")


def test_the_shadow_file_is_known_by_its_subject() -> None:
    record = capture(b"li:rEK1ecacw.7.c:", "/etc/shadow", CaptureKind.FILE)
    assert b"rEK1" not in redact(record, KEY).content
    listing = capture(b"/etc/password=x.conf\n", "/etc/*", CaptureKind.LISTING)
    assert redact(listing, KEY) == listing


def test_standard_error_and_gaps_are_masked_too() -> None:
    record = Capture(
        "web1",
        "linux",
        "s",
        "",
        CaptureKind.COMMAND,
        "local",
        1,
        b"",
        b"bad --password=Zx81kQ99aa\n",
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert b"Zx81" not in redact(record, KEY).errors
    assert "Zx81" not in redact(Gap(GapReason.BUG, detail="ValueError: password=Zx81kQ99aa"), KEY).detail


POLICY = """
password requisite pam_pwquality.so retry=3 minlen=12
password	[success=1 default=ignore]	pam_unix.so obscure use_authtok try_first_pass yescrypt
password sufficient pam_unix.so sha512 shadow nullok use_authtok
password include system-auth
-password optional pam_gnome_keyring.so use_authtok
auth required pam_faillock.so preauth silent deny=5 unlock_time=900
PasswordAuthentication yes
PasswordAuthentication=no
passwordauthentication no
PermitEmptyPasswords no
PermitEmptyPasswords=no
permitemptypasswords no
AuthorizedKeysFile .ssh/authorized_keys
HostKey /etc/ssh/ssh_host_rsa_key
PASS_MAX_DAYS	90
PASS_MIN_LEN 8
ENCRYPT_METHOD SHA512
passwd:         files systemd
password: files [NOTFOUND=return] ldap
shadow:         files
publickey:      nis
Defaults passwd_tries=3, passwd_timeout=5
%admin ALL=(ALL) NOPASSWD: ALL
    (root) NOPASSWD: /usr/sbin/sshd -T, /usr/bin/ss -tulnp
li ALL = PASSWD: /usr/bin/id, NOPASSWD: /bin/ls
-w /etc/passwd -p wa -k identity
-a always,exit -F path=/usr/bin/passwd -F perm=x -F auid>=1000 -k privileged-passwd
cat: /etc/shadow: Permission denied
passwd: Permission denied.
sudo: a password is required
validate_password.length=8
validate_password.policy=MEDIUM
default_password_lifetime = 90
password_encryption = scram-sha-256
password-policy
security passwords min-length 10
service password-encryption
password-control length 8
password strength-check
disable_password: true
password_file=/run/secrets/db
set community 65000:100 additive
neighbor 10.0.0.1 send-community both
preshared key: (hidden)
PWD=/root
password=
password: ""
TMOUT=600
export TMOUT=600; readonly TMOUT
udp UNCONN 0 0 0.0.0.0:161 0.0.0.0:* users:(("snmpd",pid=1,fd=6))
    comm="passwd" exe="/usr/bin/passwd"
accept-new StrictHostKeyChecking=yes
action(type="omfwd" target="10.0.0.1" port="6514" StreamDriver="gtls" StreamDriverAuthMode="x509/name")
wg0: flags=4305<UP>  mtu 1420 public key: abc
-----BEGIN CERTIFICATE-----
""".strip().splitlines()


@pytest.mark.parametrize("line", POLICY)
def test_what_judgement_needs_stays(line: str) -> None:
    for name in ("", "sshd_config", "common-password"):
        assert masked(line, name) == line


def test_a_secret_beside_what_judgement_needs() -> None:
    assert masked(f"PASSWORD={SECRET}; TMOUT=600; readonly TMOUT").endswith("; TMOUT=600; readonly TMOUT")
    assert masked(f"PASSWORD={SECRET};TMOUT=600").endswith(";TMOUT=600")
    assert masked(f"export PASSWORD={SECRET} TMOUT=600").endswith(" TMOUT=600")
    assert masked("password = correct horse battery staple # why").count("horse") == 0


@pytest.mark.parametrize(
    "name",
    [
        *sorted(str(p) for p in Path("/etc/pam.d").glob("*")),
        "/etc/login.defs",
        "/etc/ssh/sshd_config",
        "/etc/nsswitch.conf",
    ],
)
def test_policy_files_of_this_machine_stay(name: str) -> None:
    path = Path(name)
    if not path.is_file():
        pytest.skip(f"no {name} here")
    content = path.read_bytes()
    assert redact_bytes(content, path.name, KEY) == content


KEY_BLOCK = """before
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACB5
{end}after: PermitRootLogin no
"""


@pytest.mark.parametrize("end", ["-----END OPENSSH PRIVATE KEY-----\n", ""])
def test_private_keys_are_masked_line_by_line(end: str) -> None:
    text = KEY_BLOCK.format(end=end)
    lines, result = text.split("\n"), masked(text).split("\n")
    assert len(result) == len(lines)
    assert [MASK.fullmatch(line) is not None for line in result[2:4]] == [True, True]
    assert result[:2] + result[4:] == lines[:2] + lines[4:]
    assert masked("\n".join(result)) == "\n".join(result)


def test_public_blocks_stay() -> None:
    text = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n"
    assert masked(text) == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-8"])
def test_secrets_are_seen_in_every_encoding(encoding: str) -> None:
    content = f"备注 服务器\nsnmp-server community {SECRET} RO\n".encode(encoding)
    result = redact_bytes(content, "", KEY)
    assert SECRET.encode(encoding)[-8:] not in result
    assert result.decode(encoding).startswith(
        "备注 服务器\nsnmp-server community <masked community class=other id="
    )


def test_classes_and_identities() -> None:
    words = ("", "public", "Admin@123", "abc", "aaaaaaaaaaaa", "12345678", SECRET)
    assert [class_of(word) for word in words] == "empty default default weak weak weak other".split()
    assert scheme_of("") == "unknown"
    ids = re.findall(r"id=([0-9a-f]{16})", masked(f"password={SECRET}\nsecret={SECRET}\npsk={SECRET}x"))
    assert ids[0] == ids[1] != ids[2]
    assert identity(SECRET, KEY) != identity(SECRET, b"other")


HOSTILE = r"""
password=
--password a
a://b:
$6$a$
identified by '
snmp-server host a
"
=>
key a
-----BEGIN PRIVATE KEY-----
auth sha a
curl a
createUser a
pass:'
<masked a
 : psk a
eyJaaaaaaaaaa.
a
<password>
password='\'
$y$j9T$
x=y;password=a
/password:
eyJ-
password_min="\"
api_key="/\"
export -x password
password = x%
""".strip().splitlines()
"""Pieces whose repetition is one long line; ``%`` stands for its end."""


SECONDS_A_BYTE = 30e-6
"""Ten times what the worst of these lines needs on a usual machine; quadratic work needs far more."""


@pytest.mark.parametrize("before", ["", "-" * 60_000, "password = "])
@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_lines_cost_no_more_than_their_length(piece: str, before: str) -> None:
    text = before + piece.replace("%", "\n") * (65_000 // len(piece))
    cut = text[: LONGEST - 1] if "\n" not in piece else text  # the longest line that is searched
    began = time.process_time()
    redact_bytes(cut.encode(), "", KEY)
    assert time.process_time() - began < SECONDS_A_BYTE * len(cut)


def test_a_line_too_long_to_be_searched_is_masked_whole() -> None:
    line = f"{'x' * LONGEST} password={SECRET}"
    assert MASK.fullmatch(masked(line))
    assert masked(masked(line)) == masked(line)
    assert masked(f"{line}\r\nPort 22\n").endswith(">\r\nPort 22\n")
    assert masked("x" * 4 * LONGEST) == "x" * 4 * LONGEST, "nothing in it is worth a search"


def test_a_line_of_too_many_assignments_is_masked_from_there_on() -> None:
    line = "password_min=1;" * MOST + f"password={SECRET}"
    assert SECRET not in masked(line)
    assert masked(line).startswith("password_min=1;")
    assert masked(masked(line)) == masked(line)


def test_an_answer_of_too_many_secrets_is_masked_line_by_line() -> None:
    content = b"password = x\n" * (SEARCHED // 30) + b"Port 22\npassword = Tr0ub4dor_Horse77\nPort 23\n"
    began = time.process_time()
    lines = redact_bytes(content, "", KEY).split(b"\n")
    assert time.process_time() - began < 30
    assert len(lines) == content.count(b"\n") + 1
    assert lines[0].startswith(b"password = <masked password class=weak ")
    assert lines[-4:-3] == [b"Port 22"]
    assert MASK.fullmatch(lines[-3].decode())
    assert lines[-2:] == [b"Port 23", b""]


@pytest.mark.parametrize("count", [12, 13, 40, 400])
def test_no_number_of_passwords_on_a_line_leaves_one_in_sight(count: int) -> None:
    words = [f">open-sesame-{n}" for n in range(count)]
    assert "sesame" not in masked(f"user alice on {' '.join(words)} ~* +@all")


def test_every_password_of_a_user_of_redis_is_masked() -> None:
    words = [f">{SECRET}{n}" for n in range(8)] + ["#" + "5e" * 32]
    line = f"user alice on nopass {' '.join(words)} ~* +@all"
    shown = masked(line)
    assert SECRET not in shown
    assert "5e5e5e" not in shown
    assert len(MASK.findall(shown)) == len(words)
    assert re.sub(MASK, "", shown).split()[:4] == ["user", "alice", "on", "nopass"]
    assert masked("user www-data;") == "user www-data;"
