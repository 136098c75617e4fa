"""Questions about databases and middleware as objects of their own, whatever product they are."""

from __future__ import annotations

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, unsettled
from scanner.facts import (
    DefaultPassword,
    Encryption,
    ServiceAudit,
    ServiceAuthentication,
    ServiceDefaultAccounts,
    ServiceEncryption,
    ServicePasswordHashes,
    ServiceUser,
)
from scanner.model import Answer, GapReason, Outcome, Risk, Text

_WEAK_HASHES, _STRONG_HASHES = frozenset({"md5"}), frozenset({"scram-sha-256"})


def _authentication(found: ServiceAuthentication, _: NoParameters) -> Outcome:
    if found.required is None:
        message = Text(zh="文件不足以判定（{setting}）", en="the files do not settle it ({setting})")
        return unsettled(message.format(setting=found.setting), found.seen)
    if found.required:
        message = Text(
            zh="连接者都须鉴别（{setting}）", en="whoever connects has to authenticate ({setting})"
        )
        return Outcome.yes(message.format(setting=found.setting), *found.seen)
    message = Text(
        zh="无需鉴别即可登录（{setting}）", en="whoever connects is let in without proof ({setting})"
    )
    return Outcome.no(message.format(setting=found.setting), *found.seen)


def _encryption(found: ServiceEncryption, _: NoParameters) -> Outcome:
    messages = {
        Encryption.ENFORCED: Text(
            zh="来自其他主机的连接须加密（{setting}）",
            en="connections from other hosts must be encrypted ({setting})",
        ),
        Encryption.OFFERED: Text(
            zh="提供加密，但允许明文连接（{setting}）",
            en="encryption is offered, but connections in clear are let in ({setting})",
        ),
        Encryption.NONE: Text(
            zh="来自其他主机的连接不加密（{setting}）",
            en="connections from other hosts are in clear ({setting})",
        ),
        Encryption.LOCAL: Text(
            zh="其他主机无法连接（{setting}）", en="no other host can connect ({setting})"
        ),
        None: Text(zh="文件不足以判定（{setting}）", en="the files do not settle it ({setting})"),
    }
    message = messages[found.state].format(setting=found.setting)
    if found.state is None:
        return unsettled(message, found.seen)
    if found.state is Encryption.LOCAL:
        return Outcome(Answer.NA, message, found.seen)
    if found.state is Encryption.ENFORCED:
        return Outcome.yes(message, *found.seen)
    return Outcome.no(message, *found.seen)


def _audit(found: ServiceAudit, _: NoParameters) -> Outcome:
    if found.on is None:
        message = Text(zh="文件不足以判定（{setting}）", en="the files do not settle it ({setting})")
        return unsettled(message.format(setting=found.setting), found.seen)
    if found.on:
        message = Text(zh="记录用户的登录和操作（{setting}）", en="logins and acts are recorded ({setting})")
        return Outcome.yes(message.format(setting=found.setting), *found.seen)
    message = Text(
        zh="不记录用户的登录或操作（{setting}）", en="neither logins nor acts are recorded ({setting})"
    )
    return Outcome.no(message.format(setting=found.setting), *found.seen)


def _default_passwords(found: ServiceDefaultAccounts, _: NoParameters) -> Outcome:
    kept = [a for a in found.accounts if a.password is DefaultPassword.KEPT]
    if kept:
        message = Text(
            zh="默认名称的账户仍用空口令或出厂口令：{names}",
            en="accounts under default names have no password or a delivered one: {names}",
        ).format(names=listed(a.name for a in kept))
        return Outcome.no(message, *(a.at for a in kept))
    weak = [a for a in found.accounts if a.password is DefaultPassword.WEAK]
    if weak:
        message = Text(
            zh="默认名称的账户口令简单，是否出厂口令未知：{names}",
            en="accounts under default names have simple passwords, maybe the delivered ones: {names}",
        ).format(names=listed(a.name for a in weak))
        return unsettled(message, (a.at for a in weak), needs="a person compares them with the manual")
    message = Text(
        zh="{count} 个默认名称的账户的口令都已修改",
        en="{count} accounts under default names, all with changed passwords",
    ).format(count=len(found.accounts))
    return Outcome.yes(message, *found.seen, *(a.at for a in found.accounts))


def _password_hashes(found: ServicePasswordHashes, _: NoParameters) -> Outcome:
    if not found.hashes:
        message = Text(zh="没有账户有口令", en="no account has a password")
        return Outcome(Answer.NA, message, found.seen)
    weak = [h for h in found.hashes if h.scheme in _WEAK_HASHES]
    if weak:
        message = Text(
            zh="以弱散列保存口令的账户：{names}",
            en="accounts whose passwords are kept by a weak hash: {names}",
        ).format(names=listed(f"{h.account} ({h.scheme})" for h in weak))
        return Outcome.no(message, *(h.at for h in weak))
    unknown = [h for h in found.hashes if h.scheme not in _STRONG_HASHES]
    if unknown:
        message = Text(
            zh="以下账户口令的散列方式未知：{names}",
            en="how the passwords of these are kept is unknown: {names}",
        ).format(names=listed(h.account for h in unknown))
        return unsettled(message, (h.at for h in unknown), GapReason.UNPARSABLE)
    message = Text(
        zh="{count} 个账户的口令都以强散列保存",
        en="the passwords of all {count} accounts are kept by a strong hash",
    ).format(count=len(found.hashes))
    return Outcome.yes(message, *found.seen, *(h.at for h in found.hashes))


def _superuser(found: ServiceUser, _: NoParameters) -> Outcome:
    if found.superuser is None:
        message = Text(
            zh="{product} 有进程以 0 号用户运行，但由谁以何种权限提供服务未查明（容器或未见工作进程）",
            en="{product} runs as user 0, but who serves, with which rights, was not seen",
        ).format(product=found.product)
        return unsettled(message, found.seen, GapReason.NOT_COLLECTED)
    if found.superuser:
        message = Text(
            zh="{product} 以操作系统超级用户 {user} 运行", en="{product} serves as the super-user {user}"
        )
        return Outcome.no(message.format(product=found.product, user=found.user), *found.seen)
    message = Text(zh="{product} 以普通用户 {user} 运行", en="{product} serves as the plain user {user}")
    return Outcome.yes(message.format(product=found.product, user=found.user), *found.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "instance.authentication-required",
        Text(
            zh="连接数据库或中间件是否必须鉴别身份？",
            en="Must whoever connects to the database or middleware authenticate?",
        ),
        (ServiceAuthentication,),
        _authentication,
        Risk.HIGH,
        Text(
            zh="Redis：写 requirepass 并停用 nopass 用户；PostgreSQL：把 pg_hba.conf 中的 trust 换成"
            " scram-sha-256；MySQL：去掉 skip-grant-tables；改后重启或重新载入。",
            en="Redis: write requirepass and switch off users with nopass. PostgreSQL: replace trust in"
            " pg_hba.conf by scram-sha-256. MySQL: remove skip-grant-tables. Then restart or reload.",
        ),
    ),
    Check(
        "instance.transport-encrypted",
        Text(
            zh="来自其他主机的数据库或中间件连接是否强制加密？",
            en="Must connections to the database or middleware from other hosts be encrypted?",
        ),
        (ServiceEncryption,),
        _encryption,
        Risk.MEDIUM,
        Text(
            zh="Redis：port 0 并用 tls-port；PostgreSQL：ssl = on 且 pg_hba.conf 只用 hostssl；"
            "MySQL：配置证书并写 require_secure_transport = ON；或只监听本机。",
            en="Redis: port 0 and a tls-port. PostgreSQL: ssl = on, and only hostssl in pg_hba.conf. MySQL: a"
            " certificate and require_secure_transport = ON. Or listen on the host itself only.",
        ),
    ),
    Check(
        "instance.audit-on",
        Text(
            zh="数据库或中间件是否记录用户的登录和操作？",
            en="Does the database or middleware record logins and acts of its users?",
        ),
        (ServiceAudit,),
        _audit,
        Risk.MEDIUM,
        Text(
            zh="PostgreSQL：log_connections = on 且 log_statement = ddl 以上，或用 pgaudit；MySQL：启用"
            " server_audit 或 audit_log；Redis 自身没有审计，须用代理或网络审计；"
            "Apache：各虚拟主机写 CustomLog；Tomcat：Engine 中写 AccessLogValve。",
            en="PostgreSQL: log_connections = on and log_statement = ddl or more, or pgaudit. MySQL: switch"
            " on server_audit or audit_log. Redis has none of its own: record at a proxy or on the network."
            " Apache: a CustomLog for every virtual host. Tomcat: an AccessLogValve in the Engine.",
        ),
    ),
    Check(
        "instance.not-superuser",
        Text(
            zh="数据库或中间件是否不以操作系统超级用户运行？",
            en="Does the database or middleware serve without the rights of the super-user?",
        ),
        (ServiceUser,),
        _superuser,
        Risk.HIGH,
        Text(
            zh="在 systemd 单元中写 User= 专用普通账户，并把数据目录交给该账户后重启。",
            en="Write User= with a plain account of its own into the systemd unit, give it the data"
            " directory, and restart.",
        ),
    ),
    Check(
        "instance.password-hashes-strong",
        Text(
            zh="数据库账户的口令是否都以强散列保存？",
            en="Are the passwords of all accounts of the database kept by a strong hash?",
        ),
        (ServicePasswordHashes,),
        _password_hashes,
        Risk.MEDIUM,
        Text(
            zh="PostgreSQL：password_encryption = scram-sha-256，重新载入后让各账户重设口令，"
            "再把 pg_hba.conf 中的 md5 换成 scram-sha-256。",
            en="PostgreSQL: password_encryption = scram-sha-256, reload, let every account set its password"
            " again, then replace md5 in pg_hba.conf by scram-sha-256.",
        ),
    ),
    Check(
        "instance.default-passwords-changed",
        Text(
            zh="数据库或中间件中默认名称的账户是否都已修改口令？",
            en="Did all accounts of the database or middleware under default names get new passwords?",
        ),
        (ServiceDefaultAccounts,),
        _default_passwords,
        Risk.HIGH,
        Text(
            zh="Tomcat：在 conf/tomcat-users.xml 删除或改名 tomcat、admin 等账户并设强口令，然后重启。",
            en="Tomcat: remove or rename tomcat, admin and the like in conf/tomcat-users.xml, give strong"
            " passwords, and restart.",
        ),
    ),
)
