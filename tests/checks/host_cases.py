"""Cases of the topics service, filter, log, audit, time and tunnel."""

from __future__ import annotations

from dataclasses import replace

from scanner.checks.audit import KEY_TOPICS
from scanner.facts import AuditTopic, BootChange, Default, Family, Hook, LogFile, ProvenFilter, Sources
from tests.checks.build import (
    DAY,
    SEEN,
    SYSLOG,
    Case,
    accounts,
    at,
    audit_rules,
    auditing,
    both,
    chain,
    clock,
    daemon,
    filtering,
    forwarding,
    listeners,
    log_copies,
    log_copy,
    log_file,
    log_files,
    proof,
    publication,
    recording,
    register,
    retention,
    role,
    rotation,
    senders,
    services,
    sized,
    sizes,
    socket,
    target,
    tunnel,
    used_for,
    written_rules,
)

BLIND = listeners(socket("tcp 0.0.0.0 8443"), visible=False)

MANAGEMENT = (
    ("yes", "SSH only", (listeners(),)),
    ("yes", "web server", (listeners(socket("tcp 0.0.0.0 443", "nginx")),)),
    ("yes", "telnet on loopback", (listeners(socket("tcp 127.0.0.1 23", "telnetd")),)),
    ("yes", "socket of an SSH server on another's port", (listeners(socket("tcp 0.0.0.0 23", "sshd")),)),
    ("yes", "interpreter on a known port", (listeners(socket("tcp * 443", "java")),)),
    ("yes", "SSH started by systemd", (listeners(socket("tcp :: 22", "systemd"), ssh=False),)),
    ("yes", "syslog on the port of rsh", (listeners(socket("tcp 0.0.0.0 514", "rsyslogd")),)),
    *(
        ("no", f"port {port}", (listeners(socket(f"{proto} 0.0.0.0 {port}", "x")),))
        for proto, port in (
            ("tcp", 21),
            ("tcp", 23),
            ("tcp", 512),
            ("tcp", 513),
            ("tcp", 5900),
            ("tcp", 5909),
        )
    ),
    ("no", "tftp", (listeners(socket("udp :: 69", "x")),)),
    ("no", "telnet without owner", (listeners(socket("tcp 10.0.0.1 23"), visible=False),)),
    ("no", "telnet on another port", (listeners(socket("tcp 0.0.0.0 2323", "in.telnetd")),)),
    ("no", "rsh by inetd", (listeners(socket("tcp 0.0.0.0 514", "inetd")),)),
    ("unseen", "inetd on the port of syslog", (listeners(socket("udp 0.0.0.0 514", "inetd")),)),
    ("unseen", "owner not seen", (BLIND,)),
    ("unseen", "kernel socket", (listeners(socket("udp 0.0.0.0 51820")),)),
    ("unseen", "interpreter", (listeners(socket("tcp 0.0.0.0 9000", "python3.11")),)),
    ("unseen", "inetd", (listeners(socket("tcp 0.0.0.0 9000", "xinetd")),)),
    ("unseen", "systemd", (listeners(socket("tcp 0.0.0.0 9000", "systemd")),)),
    ("unseen", "snmp of unknown version", (listeners(socket("udp 0.0.0.0 161", "snmpd")),)),
    ("unseen", "no socket at all", (listeners(ssh=False),)),
)
ACCEPTING = both(default=Default.ACCEPT)
UNKNOWN = both(default=Default.UNKNOWN)
HIGH_RISK = (
    ("yes", "none", (listeners(), filtering())),
    ("unseen", "none, and filters not seen", (listeners(),)),
    ("yes", "on loopback", (listeners(socket("tcp ::1 6000", "Xorg")), filtering())),
    ("yes", "same number, other protocol", (listeners(socket("udp 0.0.0.0 23", "x")), filtering())),
    *(
        ("no", f"port {port}", (listeners(socket(f"tcp 0.0.0.0 {port}", "x")), filtering()))
        for port in (20, 23, 69, 111, 135, 139, 445, 512, 514, 873, 2049, 3389, 5900, 5909, 6000, 6009)
    ),
    (
        "yes",
        "just beside",
        (listeners(socket("tcp 0.0.0.0 6010", "x"), socket("tcp 0.0.0.0 140", "y")), filtering()),
    ),
    ("yes", "behind a filter", (listeners(socket("tcp 0.0.0.0 23", "x")), filtering(*both()))),
    ("no", "behind a filter of IPv4", (listeners(socket("tcp :: 23", "x")), filtering(chain()))),
    ("no", "a filter that accepts", (listeners(socket("tcp 0.0.0.0 23", "x")), filtering(*ACCEPTING))),
    ("unseen", "a filter not proved", (listeners(socket("tcp 0.0.0.0 23", "x")), filtering(*UNKNOWN))),
    (
        "no",
        "published around the filter",
        (
            listeners(),
            filtering(*both()),
            proof(filtering(*both()), listeners(), publication("tcp 23 172.17.0.2:23")),
        ),
    ),
    (
        "yes",
        "published to named networks",
        (
            listeners(),
            filtering(*both()),
            proof(filtering(*both()), listeners(), publication("tcp 23 172.17.0.2:23", Sources.NAMED)),
        ),
    ),
    (
        "yes",
        "another host's port, forwarded by a rule of a person",
        (
            listeners(),
            filtering(*both()),
            proof(filtering(*both()), listeners(), publication("tcp 23 10.0.0.9:23", by="")),
        ),
    ),
    ("unseen", "behind a front end", (listeners(socket("tcp :: 23", "x")), filtering(frontends=("ufw",)))),
    ("unseen", "filter not seen", (listeners(socket("tcp 0.0.0.0 23", "x")),)),
    *(
        ("unseen", f"the proof {name}", (listeners(socket("tcp :: 23", "x")), filtering(*both()), silent))
        for name, silent in (
            ("speaks of another port", proof(filtering(*both()), listeners())),
            ("speaks of no port", ProvenFilter(SEEN, (), None, ())),
        )
    ),
    ("unseen", "no socket at all", (listeners(ssh=False),)),
)

FORWARDING = both(Hook.FORWARD)

IN_FORCE = (
    ("yes", "input", (filtering(*both()),)),
    ("yes", "forward", (filtering(chain(Hook.FORWARD)),)),
    ("no", "nothing loaded", (filtering(),)),
    ("unseen", "accepts", (filtering(*ACCEPTING),)),
    ("unseen", "not understood", (filtering(*UNKNOWN),)),
    ("unseen", "output only", (filtering(chain(Hook.OUTPUT)),)),
    ("unseen", "front end without chains", (filtering(frontends=("firewalld",)),)),
)
IPV4_ONLY = listeners(socket("tcp 0.0.0.0 22", "sshd"), ssh=False)
DENY = (
    ("yes", "server, input", (filtering(*both()), role(), listeners())),
    ("yes", "boundary, both", (filtering(*both(), *FORWARDING), role("boundary_device"), listeners())),
    ("yes", "role unknown, both", (filtering(*both(), *FORWARDING), listeners())),
    ("yes", "a second chain accepts", (filtering(*both(), *ACCEPTING), role(), listeners())),
    ("no", "boundary, forward open", (filtering(*both()), role("boundary_device"), listeners())),
    ("no", "nothing loaded", (filtering(), role(), listeners())),
    ("no", "accepts", (filtering(*ACCEPTING), role(), listeners())),
    ("no", "IPv6 left open", (filtering(chain()), role(), listeners())),
    ("no", "IPv4 left open", (filtering(chain(family=Family.IPV6)), role(), IPV4_ONLY)),
    ("no", "one family accepts", (filtering(chain(), ACCEPTING[1]), role(), listeners())),
    ("unseen", "IPv6 perhaps not in use", (filtering(chain()), role(), IPV4_ONLY)),
    ("unseen", "not understood", (filtering(*UNKNOWN), role(), listeners())),
    ("unseen", "one family not understood", (filtering(chain(), UNKNOWN[1]), role(), listeners())),
    ("unseen", "role unknown, forward open", (filtering(*both()), listeners())),
    ("no", "role unknown, input open", (filtering(*FORWARDING), listeners())),
)
PLAIN = both(stateful=False)
STATE = (
    ("yes", "server", (filtering(*both()), role(), listeners())),
    ("yes", "boundary", (filtering(*both(), *FORWARDING), role("boundary_device"), listeners())),
    ("no", "nothing loaded", (filtering(), role(), listeners())),
    ("no", "no rule looks at state", (filtering(*PLAIN), role(), listeners())),
    ("no", "state under a default that accepts", (filtering(*ACCEPTING), role(), listeners())),
    ("no", "IPv6 without", (filtering(chain(), PLAIN[1]), role(), listeners())),
    (
        "no",
        "boundary, nothing filters forwarding",
        (filtering(*both()), role("boundary_device"), listeners()),
    ),
    ("unseen", "IPv6 perhaps not in use", (filtering(chain()), role(), IPV4_ONLY)),
    ("unseen", "default not understood", (filtering(*UNKNOWN), role(), listeners())),
    (
        "yes",
        "default not plain by its words, but proved",
        (filtering(*UNKNOWN), proof(filtering(*both()), None), role(), listeners()),
    ),
    (
        "unseen",
        "default not proved either",
        (filtering(*UNKNOWN), proof(filtering(*UNKNOWN), None), role(), listeners()),
    ),
    (
        "unseen",
        "what was not understood may look at state",
        (filtering(*both(default=Default.UNKNOWN, stateful=False)), role(), listeners()),
    ),
    ("unseen", "role unknown", (filtering(*both()), listeners())),
    (
        "unseen",
        "boundary that perhaps forwards nothing",
        (filtering(*both(), *both(Hook.FORWARD, stateful=False)), role("boundary_device"), listeners()),
    ),
    (
        "unseen",
        "neither proved",
        (filtering(*both(stateful=None)), role(), listeners()),
    ),
    (
        "no",
        "neither proved under a default that accepts",
        (filtering(*both(default=Default.ACCEPT, stateful=None)), role(), listeners()),
    ),
)
NFT = (("nftables", True),)
IPTABLES = both(framework="iptables")
CHANGED = proof(filtering(*both()), None)
SURVIVES = (
    *(
        (
            "no" if opens else "yes",
            f"the file {'opens' if opens else 'closes'} a port",
            (
                filtering(*both(), persistence=NFT),
                services("nftables"),
                replace(CHANGED, changes=(BootChange(opens, "tcp 9090", at("nft"), at("file")),)),
            ),
        )
        for opens in (True, False)
    ),
    ("yes", "nftables", (filtering(*both(), persistence=NFT), services("nftables"))),
    (
        "yes",
        "netfilter-persistent",
        (
            filtering(*IPTABLES, persistence=(("netfilter-persistent", True),)),
            services("netfilter-persistent"),
        ),
    ),
    (
        "yes",
        "iptables and ip6tables",
        (
            filtering(*IPTABLES, persistence=(("iptables", True), ("ip6tables", True))),
            services("iptables", "ip6tables"),
        ),
    ),
    ("yes", "firewalld", (filtering(*both(), persistence=(("firewalld", True),)), services("firewalld"))),
    (
        "yes",
        "a chain that accepts need not be restored",
        (
            filtering(*both(framework="iptables", default=Default.ACCEPT), *both(), persistence=NFT),
            services("nftables"),
        ),
    ),
    ("no", "nothing loaded", (filtering(persistence=NFT), services("nftables"))),
    ("no", "not enabled", (filtering(*both(), persistence=(("nftables", False),)), services("nftables"))),
    ("no", "nothing there", (filtering(*both()), services())),
    (
        "unseen",
        "IPv6 not restored",
        (filtering(*IPTABLES, persistence=(("iptables", True),)), services("iptables")),
    ),
    ("unseen", "another framework's", (filtering(*IPTABLES, persistence=NFT), services("nftables"))),
    ("unseen", "did not run", (filtering(*both(), persistence=NFT), services(idle=("nftables",)))),
    ("unseen", "unit not asked about", (filtering(*both(), persistence=NFT), services())),
    ("unseen", "forward only", (filtering(*FORWARDING, persistence=NFT), services("nftables"))),
)

RECORDING = (
    ("yes", "rsyslog", (recording(daemon()),)),
    ("yes", "one of two", (recording(daemon(running=False), daemon("journald")),)),
    *(
        ("no", f"not {state}", (recording(daemon(**{state: False})),))
        for state in ("running", "enabled", "persistent", "records_logins")
    ),
    ("no", "no daemon", (recording(),)),
    (
        "no",
        "what one lacks the other has",
        (recording(daemon(persistent=False), daemon("journald", records_logins=False)),),
    ),
)
AUTH = "/var/log/auth.log"
FILES = (
    ("yes", "0640 root:adm", (log_files(log_file(AUTH, 0o640)),)),
    ("yes", "0600", (log_files(log_file(AUTH, 0o600, gid=0)),)),
    ("yes", "file type bits", (log_files(log_file(AUTH, 0o100640)),)),
    ("yes", "owned by syslog", (log_files(log_file(AUTH, 0o640, uid=SYSLOG.uid)), accounts())),
    ("yes", "group adm writes", (log_files(log_file(AUTH, 0o660)),)),
    ("no", "world readable", (log_files(log_file(AUTH, 0o644)),)),
    ("no", "world writable", (log_files(log_file(AUTH, 0o642)),)),
    ("no", "a group writes", (log_files(log_file(AUTH, 0o660, gid=100)), accounts())),
    ("no", "a person owns it", (log_files(log_file(AUTH, 0o600, uid=1000)), accounts())),
    ("no", "one of two", (log_files(log_file(AUTH, 0o640), log_file("/var/log/wtmp", 0o664)),)),
    ("unseen", "none seen", (log_files(),)),
    ("unseen", "owner not known", (log_files(log_file(AUTH, 0o640, uid=104)),)),
    ("unseen", "group not known", (log_files(log_file(AUTH, 0o660, gid=104)),)),
)
FORWARDED = (
    ("yes", "everything", (forwarding(target()),)),
    ("yes", "logins", (forwarding(target(selector="auth,authpriv.*")),)),
    ("no", "nothing", (forwarding(),)),
    ("no", "to itself", (forwarding(target("127.0.0.1"), target("[::1]"), target("localhost")),)),
    ("no", "daemon stopped", (forwarding(target(), running=False),)),
    ("yes", "everything, and an agent beside it", (forwarding(target(), unread=("vector",)),)),
    ("unseen", "an agent that may send", (forwarding(unread=("vector",)),)),
    ("unseen", "mail only, and an agent", (forwarding(target(selector="mail.*"), unread=("nxlog",)),)),
    ("no", "mail only", (forwarding(target(selector="mail.*")),)),
    ("no", "logins taken out", (forwarding(target(selector="*.*;auth,authpriv.none")),)),
    ("unseen", "grave ones only", (forwarding(target(selector="*.err")),)),
    ("unseen", "selector not understood", (forwarding(target(selector="if $msg contains 'x'")),)),
)
ENCRYPTED = (
    ("yes", "TLS and name", (forwarding(target()),)),
    ("yes", "clear only to itself", (forwarding(target(), target("127.0.0.1", tls=False)),)),
    ("no", "clear", (forwarding(target(tls=False, checked=False)),)),
    ("no", "one of two clear", (forwarding(target(), target("10.0.0.8", tls=False)),)),
    ("no", "peer not verified", (forwarding(target(checked=False)),)),
    ("no", "clear, whatever an agent does", (forwarding(target(tls=False), unread=("vector",)),)),
    ("unseen", "TLS, and an agent", (forwarding(target(), unread=("vector",)),)),
    ("unseen", "nothing sent but by an agent", (forwarding(unread=("vector",)),)),
    ("n/a", "nothing sent", (forwarding(),)),
    ("no", "clear, though the daemon is stopped", (forwarding(target(tls=False), running=False),)),
)
AT_BOOT = (
    ("yes", "all groups", (written_rules(*AuditTopic),)),
    ("yes", "a refused line, and loading goes on", (written_rules(*AuditTopic, refused=True, goes_on=True),)),
    ("no", "none", (written_rules(),)),
    ("no", "a refused line before the rest", (written_rules(AuditTopic.IDENTITY, refused=True),)),
    *(("no", f"without {t}", (written_rules(*(o for o in AuditTopic if o is not t)),)) for t in KEY_TOPICS),
    ("unseen", "files not seen", ()),
)
ARRIVING = (
    ("yes", "arrives", (log_copies(log_copy()),)),
    ("yes", "one of two arrives", (log_copies(log_copy(False), log_copy()),)),
    ("no", "nothing sent", (log_copies(),)),
    ("no", "sent and lost", (log_copies(log_copy(False)),)),
    ("unseen", "not seen", (log_copies(log_copy(None)),)),
    ("unseen", "one lost, one not seen", (log_copies(log_copy(False), log_copy(None)),)),
)
CUT = retention(rotation(cut="size 1M", days=None, kept=4, max_bytes=4 * 1024 * 1024))
SHORT = retention(rotation(days=28))
JOURNAL = retention(rotation("journal", None, "SystemMaxUse=16M", max_bytes=16 * 1024 * 1024))
NOW = sized(AUTH, 1000, 0)


def older(count: int, age: float) -> tuple[LogFile, ...]:
    return tuple(sized(f"{AUTH}.{n}", 1000, age) for n in range(1, count + 1))


def journal_file(age: float, size: int) -> LogFile:
    began = int((DAY.timestamp() - age * 86400) * 1_000_000)
    name = f"system@{0:032x}-{1:016x}-{began:016x}.journal"
    return sized(f"/var/log/journal/{0:032x}/{name}", size, 0)


RETAINED = (
    ("yes", "long", (retention(rotation()),)),
    ("yes", "at the limit", (retention(rotation(days=180)),)),
    ("yes", "without end", (retention(rotation(days=None)),)),
    ("yes", "collected", (retention(rotation("/var/log/remote/*.log")),)),
    ("no", "short", (retention(rotation(days=179.9)),)),
    ("no", "one of two", (retention(rotation(), rotation("/var/log/wtmp", days=60)),)),
    ("no", "short and cut", (retention(rotation(days=28, cut="size 1M")),)),
    ("unseen", "other file short", (retention(rotation(), rotation("/var/log/shop/x.log", days=7)),)),
    ("unseen", "size", (retention(rotation(cut="maxsize 100M")),)),
    ("unseen", "nothing rotated", (retention(),)),
    ("yes", "size, and an old record is there", (CUT, sizes(NOW, sized(f"{AUTH}.4.gz", 9, 181)))),
    ("no", "size, all files full and young", (CUT, sizes(NOW, *older(4, 3)))),
    ("unseen", "size, not full yet", (CUT, sizes(NOW, *older(3, 3)))),
    ("yes", "young, and filling slowly", (CUT, sizes(sized(AUTH, 100, 0), *older(1, 3)), used_for(30))),
    ("no", "young, and filling fast", (CUT, sizes(sized(AUTH, 900_000, 0), *older(1, 3)), used_for(30))),
    ("unseen", "too young to tell", (CUT, sizes(sized(AUTH, 100, 0)), used_for(2))),
    ("unseen", "packed: its pace is not known", (CUT, sizes(NOW, sized(f"{AUTH}.2.gz", 9, 3)), used_for(30))),
    ("no", "journal full and young", (JOURNAL, sizes(journal_file(3, 15_500_000)))),
    ("yes", "journal full and old", (JOURNAL, sizes(journal_file(200, 15_500_000)))),
    ("yes", "short, but a copy lasts", (SHORT, log_copies(log_copy(True, rotation(days=200))))),
    ("yes", "short, but a copy is kept without end", (SHORT, log_copies(log_copy(True)))),
    ("no", "short, and so is the copy", (SHORT, log_copies(log_copy(True, rotation(days=7))))),
    ("no", "short, and the copy does not arrive", (SHORT, log_copies(log_copy(False)))),
    ("unseen", "short, copy not seen", (SHORT, log_copies(log_copy(None, seen=False)))),
    ("unseen", "short, copy cut by size", (SHORT, log_copies(log_copy(True, rotation(cut="size 1M"))))),
    ("unseen", "no records among it", (retention(rotation("/var/log/alternatives.log", days=365)),)),
)
SENDERS = (
    ("yes", "all", (senders(log1=True, web1=True),)),
    ("no", "one does not", (senders(log1=True, web2=False),)),
    ("no", "one does not, one unseen", (senders(web1=None, web2=False),)),
    ("unseen", "one unseen", (senders(log1=True, web1=None),)),
    ("unseen", "no system", (senders(),)),
)

AUDITED = (
    ("yes", "on", (auditing(),)),
    ("yes", "on and locked", (auditing(kernel=2),)),
    ("no", "off", (auditing(kernel=0),)),
    ("no", "stopped", (auditing(running=False),)),
    ("no", "not installed", (auditing(installed=False, running=False, kernel=None),)),
    ("unseen", "switch not seen", (auditing(kernel=None),)),
)
COVERED = (
    ("yes", "all groups", (audit_rules(*AuditTopic),)),
    ("yes", "all groups, daemon unseen or not", (audit_rules(*AuditTopic), auditing(installed=False))),
    ("no", "not installed", (auditing(installed=False, running=False, kernel=None),)),
    ("unseen", "installed, rules not seen", (auditing(),)),
    ("no", "none", (audit_rules(),)),
    ("yes", "the key groups alone", (audit_rules(*KEY_TOPICS),)),
    *(("no", f"without {t}", (audit_rules(*(o for o in AuditTopic if o is not t)),)) for t in KEY_TOPICS),
)
BOTH_WIDTHS = (
    ("yes", "both alike", (audit_rules(*AuditTopic),)),
    ("no", "one escapes", (replace(audit_rules(*AuditTopic), escaped=(AuditTopic.TIME,)),)),
    ("n/a", "only one width runs", (replace(audit_rules(*AuditTopic), escaped=None),)),
    ("unseen", "nothing is covered", (audit_rules(),)),
    ("unseen", "not seen", ()),
)
CLOCK = (
    ("yes", "chrony", (clock("chronyd", "10.0.0.1"),)),
    ("yes", "timesyncd names no source", (clock("systemd-timesyncd"),)),
    ("no", "no daemon", (clock(None, synchronised=False),)),
    ("no", "not in step", (clock("chronyd", "10.0.0.1", synchronised=False),)),
    ("no", "its own clock", (clock("ntpd", "127.127.1.0"),)),
    ("unseen", "in step, with what was not seen", (clock("chrony"),)),
)
VPN = tunnel("openvpn", "openvpn", "process")
TUNNELS = (
    ("yes", "none", (register(),)),
    ("yes", "approved", (register(declared=((VPN, "OA-1"),)),)),
    ("no", "undeclared", (register(VPN),)),
    ("no", "undeclared, another object unseen", (register(VPN, unseen=("web1",)),)),
    ("unseen", "object unseen", (register(declared=((VPN, "OA-1"),), unseen=("web1",)),)),
)

_ALL = {
    "service.management-encrypted": MANAGEMENT,
    "service.high-risk-ports-closed": HIGH_RISK,
    "filter.in-force": IN_FORCE,
    "filter.default-deny": DENY,
    "filter.stateful": STATE,
    "filter.survives-reboot": SURVIVES,
    "log.recording": RECORDING,
    "log.files-protected": FILES,
    "log.forwarded": FORWARDED,
    "log.forwarding-encrypted": ENCRYPTED,
    "log.forwarding-arrives": ARRIVING,
    "log.retention-sufficient": RETAINED,
    "log.all-sources-forward": SENDERS,
    "audit.recording": AUDITED,
    "audit.rules-cover-key-events": COVERED,
    "audit.rules-cover-both-widths": BOTH_WIDTHS,
    "audit.rules-at-boot": AT_BOOT,
    "time.synchronised": CLOCK,
    "tunnel.none-undeclared": TUNNELS,
}

CASES = (
    *(Case(check, name, answer, facts) for check, rows in _ALL.items() for answer, name, facts in rows),
    *(Case(check, "gap", "unseen") for check in _ALL),
)
