"""Questions about the SSH server's settings. Every value that a connection can meet counts (Match blocks)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled, worst
from scanner.checks.ssh_strength import CIPHERS, KEY_EXCHANGES, MACS, Algorithms
from scanner.facts import SshServer, Value
from scanner.model import GapReason, Outcome, Risk, Text
from scanner.threshold import at_most

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CONFIG = "/etc/ssh/sshd_config"


def met(server: SshServer, keyword: str) -> tuple[Value[str], ...]:
    """All values a connection can meet for ``keyword``; empty when the server named none."""
    return server.everywhere(keyword) if keyword in server.settings else ()


def _unnamed(server: SshServer, keyword: str) -> Outcome:
    message = Text(
        zh="未看到 SSH 服务的 {keyword} 取值", en="the SSH server's value of {keyword} was not seen"
    )
    message = message.format(keyword=keyword)
    if server.unprinted is not None:
        return through(message, server.unprinted, server.seen)
    return unsettled(message, server.seen)


def _one_of(server: SshServer, keyword: str, good: tuple[str, ...]) -> Outcome:
    """Yes if every value met is among ``good``; any other value is a no."""
    values = met(server, keyword)
    if not values:
        return _unnamed(server, keyword)
    bad = [v for v in values if v.value.strip().lower() not in good]
    if bad:
        message = Text(
            zh="{keyword} 可取到 {value}，应为 {good}", en="{keyword} can be {value}; it should be {good}"
        ).format(keyword=keyword, value=listed(v.value for v in bad), good="/".join(good))
        return Outcome.no(message, *(v.at for v in bad))
    message = Text(zh="{keyword} 处处为 {value}", en="{keyword} is {value} for every connection").format(
        keyword=keyword, value=listed(v.value for v in values)
    )
    return Outcome.yes(message, *(v.at for v in values))


def _root_login(server: SshServer, _: NoParameters) -> Outcome:
    return _one_of(server, "permitrootlogin", ("no",))


def _empty_passwords(server: SshServer, _: NoParameters) -> Outcome:
    return _one_of(server, "permitemptypasswords", ("no",))


def _host_trust(server: SshServer, _: NoParameters) -> Outcome:
    hostbased = _one_of(server, "hostbasedauthentication", ("no",))
    rhosts = _one_of(server, "ignorerhosts", ("yes", "shosts-only"))
    return worst(hostbased, rhosts)


@dataclass(frozen=True, slots=True)
class AuthAttempts:
    """Most failed attempts that one connection may make."""

    max_attempts: int = field(metadata=at_most())


@dataclass(frozen=True, slots=True)
class LoginGrace:
    """Longest time, in seconds, that a connection may take to log in."""

    max_seconds: int = field(metadata=at_most())


def _numbers(server: SshServer, keyword: str) -> list[tuple[int, Value[str]]] | Outcome:
    """Read all values met as numbers; one that is none leaves the question open."""
    values = met(server, keyword)
    if not values:
        return _unnamed(server, keyword)
    odd = [v for v in values if re.fullmatch(r"[0-9]{1,9}", v.value.strip()) is None]
    if odd:
        message = Text(
            zh="{keyword} 的取值 {value} 不是数字", en="{keyword} {value} is not a plain number"
        ).format(keyword=keyword, value=listed(v.value for v in odd))
        return unsettled(message, (v.at for v in odd), GapReason.UNPARSABLE)
    return [(int(v.value), v) for v in values]


def _auth_attempts(server: SshServer, limits: AuthAttempts) -> Outcome:
    numbers = _numbers(server, "maxauthtries")
    if isinstance(numbers, Outcome):
        return numbers
    over = [v for n, v in numbers if n > limits.max_attempts]
    if over:
        message = Text(
            zh="MaxAuthTries 为 {value}，超过 {limit}", en="MaxAuthTries is {value}, above {limit}"
        ).format(value=listed(v.value for v in over), limit=limits.max_attempts)
        return Outcome.no(message, *(v.at for v in over))
    zero = [v for n, v in numbers if n < 1]
    if zero:
        message = Text(
            zh="MaxAuthTries 为 0，其效果不明", en="MaxAuthTries is 0, whose effect is not settled"
        )
        return unsettled(message, (v.at for v in zero), GapReason.UNPARSABLE)
    message = Text(
        zh="MaxAuthTries 为 {value}，不超过 {limit}", en="MaxAuthTries is {value}, at most {limit}"
    ).format(value=listed(v.value for _, v in numbers), limit=limits.max_attempts)
    return Outcome.yes(message, *(v.at for _, v in numbers))


def _login_grace(server: SshServer, limits: LoginGrace) -> Outcome:
    numbers = _numbers(server, "logingracetime")
    if isinstance(numbers, Outcome):
        return numbers
    bad = [v for n, v in numbers if not 1 <= n <= limits.max_seconds]
    if bad:
        message = Text(
            zh="LoginGraceTime 为 {value} 秒（0 表示不限），应为 1 至 {limit} 秒",
            en="LoginGraceTime is {value} s (0 means no limit); it should be 1 to {limit} s",
        ).format(value=listed(v.value for v in bad), limit=limits.max_seconds)
        return Outcome.no(message, *(v.at for v in bad))
    message = Text(
        zh="LoginGraceTime 为 {value} 秒，不超过 {limit} 秒",
        en="LoginGraceTime is {value} s, at most {limit} s",
    ).format(value=listed(v.value for _, v in numbers), limit=limits.max_seconds)
    return Outcome.yes(message, *(v.at for _, v in numbers))


def _algorithms(server: SshServer, _: NoParameters) -> Outcome:
    families = [CIPHERS, MACS, KEY_EXCHANGES]
    if any(v.value.lower() == "yes" for v in met(server, "gssapikeyexchange")):
        families.append(Algorithms("gssapikexalgorithms", KEY_EXCHANGES.weak, KEY_EXCHANGES.strong))
    return worst(*(_strength(server, family) for family in families))


def _strength(server: SshServer, family: Algorithms) -> Outcome:
    values = met(server, family.keyword)
    if not values:
        return _unnamed(server, family.keyword)
    offered = list(_split(values))
    # A list that takes away from the default one names what is not offered.
    weak = [(name, v) for name, v in offered if family.weak.search(name) and not v.value.startswith("-")]
    if weak:
        message = Text(
            zh="{keyword} 提供弱算法：{names}", en="{keyword} offers weak algorithms: {names}"
        ).format(keyword=family.keyword, names=listed(name for name, _ in weak))
        return Outcome.no(message, *(v.at for _, v in weak))
    strange = [(name, v) for name, v in offered if family.strong.fullmatch(name) is None]
    if strange:
        message = Text(
            zh="{keyword} 中有强度未知的算法：{names}",
            en="{keyword} holds algorithms of unknown strength: {names}",
        ).format(keyword=family.keyword, names=listed(name or "(empty)" for name, _ in strange))
        return unsettled(message, (v.at for _, v in strange), GapReason.UNPARSABLE)
    message = Text(
        zh="{keyword} 的 {count} 个算法均非弱算法", en="none of the {count} {keyword} is weak"
    ).format(keyword=family.keyword, count=len(offered))
    return Outcome.yes(message, *(v.at for v in values))


def _split(values: tuple[Value[str], ...]) -> Iterator[tuple[str, Value[str]]]:
    """Single algorithms; an empty list gives one empty name, which nothing knows."""
    for value in values:
        for name in value.value.lower().split(","):
            yield name.strip(), value


def _check(
    name: str,
    question: Text,
    judge: Callable[..., Outcome],
    risk: Risk,
    remedy: Text,
    parameters: type[object] = NoParameters,
) -> Check:
    return Check(f"sshd.{name}", question, (SshServer,), judge, risk, remedy, parameters=parameters)


CHECKS: tuple[Check, ...] = (
    _check(
        "root-login-refused",
        Text(zh="SSH 是否拒绝 root 直接登录？", en="Does SSH refuse direct logins of root?"),
        _root_login,
        Risk.MEDIUM,
        Text(
            zh=f"在 {_CONFIG} 写 PermitRootLogin no，并删除各 Match 块中放行 root 的行，然后重新加载 sshd。",
            en=f"Write PermitRootLogin no into {_CONFIG}, remove lines of Match blocks that let root in, and"
            " reload sshd.",
        ),
    ),
    _check(
        "empty-passwords-refused",
        Text(zh="SSH 是否拒绝空口令？", en="Does SSH refuse empty passwords?"),
        _empty_passwords,
        Risk.HIGH,
        Text(
            zh=f"在 {_CONFIG} 写 PermitEmptyPasswords no，Match 块中同样处理，然后重新加载 sshd。",
            en=f"Write PermitEmptyPasswords no into {_CONFIG}, the same in Match blocks, and reload sshd.",
        ),
    ),
    _check(
        "algorithms-strong",
        Text(
            zh="SSH 提供的加密、完整性和密钥交换算法是否都不是弱算法？",
            en="Are all ciphers, MACs and key exchanges that SSH offers free of weak algorithms?",
        ),
        _algorithms,
        Risk.MEDIUM,
        Text(
            zh=f"在 {_CONFIG} 的 Ciphers、MACs、KexAlgorithms 行去掉 CBC、3DES、RC4、MD5、SHA-1、"
            "96 位、umac-64 及 group1、group14-sha1、group-exchange-sha1，用 sshd -T 核对后重新加载。",
            en=f"On the lines Ciphers, MACs and KexAlgorithms of {_CONFIG} drop CBC, 3DES, RC4, MD5, SHA-1,"
            " 96-bit, umac-64, group1, group14-sha1 and group-exchange-sha1; compare with sshd -T, reload.",
        ),
    ),
    _check(
        "auth-attempts-limited",
        Text(
            zh="SSH 是否限制每个连接的认证失败次数？",
            en="Does SSH limit the failed attempts of one connection?",
        ),
        _auth_attempts,
        Risk.MEDIUM,
        Text(
            zh=f"在 {_CONFIG} 写 MaxAuthTries 5 或更小（默认值为 6），然后重新加载 sshd。",
            en=f"Write MaxAuthTries 5 or less into {_CONFIG} (the default is 6) and reload sshd.",
        ),
        AuthAttempts,
    ),
    _check(
        "login-grace-limited",
        Text(zh="SSH 是否限制登录过程的时长？", en="Does SSH limit the time that a login may take?"),
        _login_grace,
        Risk.LOW,
        Text(
            zh=f"在 {_CONFIG} 写 LoginGraceTime 60（不得为 0），然后重新加载 sshd。",
            en=f"Write LoginGraceTime 60 into {_CONFIG} (never 0) and reload sshd.",
        ),
        LoginGrace,
    ),
    _check(
        "host-trust-refused",
        Text(
            zh="SSH 是否拒绝基于主机信任（rhosts）的登录？",
            en="Does SSH refuse logins that rest on trust in hosts (rhosts)?",
        ),
        _host_trust,
        Risk.MEDIUM,
        Text(
            zh=f"在 {_CONFIG} 写 HostbasedAuthentication no 与 IgnoreRhosts yes，"
            "并删除 /etc/hosts.equiv 与 ~/.rhosts。",
            en=f"Write HostbasedAuthentication no and IgnoreRhosts yes into {_CONFIG}; remove"
            " /etc/hosts.equiv and ~/.rhosts.",
        ),
    ),
)
