"""Ways of writing rules that people and programs have, each with what the kernel does with one packet."""

from __future__ import annotations

import pytest

from tests.packetspace.test_dialects import answer, nft, saved

HANDWRITTEN = [
    ("-A INPUT -j ACCEPT -p tcp --dport 80", "dropped"),
    ("-A INPUT -j DROP -p tcp --dport 80\n-A INPUT -j ACCEPT", "open"),
    ("-A INPUT -j REJECT --reject-with tcp-reset -p tcp --dport 80\n-A INPUT -j ACCEPT", "open"),
    ("-A INPUT -p tcp -j REJECT --dport 22 --reject-with tcp-reset", "rejected"),
    ("-A INPUT -m conntrack -j ACCEPT --ctstate ESTABLISHED", "dropped"),
    ("-A INPUT -m state -j ACCEPT --state NEW", "open"),
    ("-A INPUT -j LOG --log-prefix x -p tcp --dport 22\n-A INPUT -j ACCEPT", "open"),
    ("-A INPUT -j C -p tcp --dport 80\n-A C -j ACCEPT", "dropped"),
    ("-A INPUT -j MARK --set-mark 1 -p tcp --dport 80\n-A INPUT -j ACCEPT", "open"),
    ("-A INPUT -p TCP --dport 22 -j ACCEPT", "open"),
    ("-A INPUT -p TCP --dport 80 -j ACCEPT", "dropped"),
    ("-A INPUT -p tcp -m mac --mac 00:11:22:33:44:55 -j ACCEPT", "dropped"),
    ("-A INPUT -p tcp -m tcp --tcp-option 64 -j DROP\n-A INPUT -j ACCEPT", "open"),
    ("-A INPUT -p tcp -m tcp --tcp-option 2 -j ACCEPT", "open"),
    ("-A INPUT -p tcp -m tcp --tcp-option 8 -j ACCEPT", "unknown"),
    ("-A INPUT -p tcp -m tcp --tcp-option 300 -j ACCEPT", "unknown"),
    ("-A INPUT -j ACCEPT --sesame", "unknown"),
    ("-A INPUT -m conntrack --ctorigdst 192.0.2.0/24 --ctproto 6 -j ACCEPT", "open"),
    ("-A INPUT -m conntrack ! --ctorigdst 192.0.2.0/24 -j ACCEPT", "dropped"),
    ("-A INPUT -m conntrack --ctorigsrc 10.0.0.0/8 -j ACCEPT", "dropped"),
    ("-A INPUT -p tcp -m conntrack --ctorigdstport 22 -j ACCEPT", "open"),
    ("-A INPUT -p tcp -m conntrack --ctorigdstport 80:90 -j ACCEPT", "dropped"),
    ("-A INPUT -p tcp -m conntrack --ctreplsrc 192.0.2.1 -j ACCEPT", "unknown"),
]


@pytest.mark.parametrize(("rules", "expected"), HANDWRITTEN)
def test_a_rule_as_people_write_it(rules: str, expected: str) -> None:
    assert answer(saved(*rules.split("\n"), chains="C")) == expected


@pytest.mark.parametrize(("port", "expected"), [(8022, "unknown"), (22, "dropped")])
def test_a_translated_packet_keeps_the_end_that_its_connection_began_with(port: int, expected: str) -> None:
    nat = (
        "*nat\n:PREROUTING ACCEPT [0:0]\n"
        "-A PREROUTING -p tcp -m tcp --dport 8022 -j REDIRECT --to-ports 22\nCOMMIT\n"
    )
    rule = "-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctorigdstport 8022 -j ACCEPT"
    assert answer(nat + saved(rule), port=port) == expected


ONE_END = [
    ("-A INPUT -m time --timestart 09:00 -j ACCEPT", "ACCEPT", "open"),
    ("-A INPUT -m time --timestart 09:00 -j DROP", "DROP", "dropped"),
    ("-A INPUT -m time --timestart 09:00 -j DROP", "ACCEPT", "unknown"),
    ("-A INPUT -m time --timestart 09:00 -j REJECT\n-A INPUT -j REJECT", "DROP", "rejected"),
    ("-A INPUT -m time --timestart 09:00 -j REJECT", "DROP", "unknown"),
    ("-A INPUT -m time --timestart 09:00 -j LOG\n-A INPUT -j REJECT", "DROP", "rejected"),
]


@pytest.mark.parametrize(("rules", "policy", "expected"), ONE_END)
def test_what_is_not_known_does_not_matter_where_every_way_ends_alike(
    rules: str, policy: str, expected: str
) -> None:
    assert answer(saved(*rules.split("\n"), policy=policy)) == expected


OWN_DIALECT = [
    ("tcp dport { 80, { 22, 443 } } accept", "open"),
    ("tcp dport { 80, { 443 } } accept", "dropped"),
    ("tcp option 64 exists drop\naccept", "open"),
    ("tcp option 64 missing drop\naccept", "dropped"),
    ("tcp option 8 exists accept", "unknown"),
    ("meta length 1000-65535 drop\naccept", "open"),
    ("meta length < 100 accept", "unknown"),
    ('xt match "recent" counter packets 0 bytes 0\naccept', "open"),
    ("xt match recent counter packets 0 bytes 0 drop\naccept", "unknown"),
    ("xt match recent counter packets 0 bytes 0 accept", "unknown"),
    ("xt match recent counter packets 0 bytes 0 reject\nreject", "rejected"),
    ('xt target "NFLOG"\naccept', "open"),
    ('xt target "REJECT"\naccept', "rejected"),
    ('xt target "SESAME"\naccept', "unknown"),
    ("tcp option maxseg size 1-536 drop\naccept", "open"),
    ("fib daddr . iif type != { local, broadcast } drop\naccept", "open"),
    ("fib daddr . iif type { broadcast, multicast } accept", "dropped"),
    ("ct status dnat accept", "dropped"),
    ("ct original ip daddr 192.0.2.1 accept", "open"),
    ("ct original ip daddr != { 192.0.2.1, 192.0.2.9 } accept", "dropped"),
    ("ct original proto-dst 23 accept", "dropped"),
    ("ct original protocol 6 ct state new ct original proto-dst 22 accept", "open"),
    ("ct original protocol 17 ct original proto-dst 22 accept", "dropped"),
    ("ct protocol tcp accept", "open"),
    ("ct protocol != tcp accept", "dropped"),
    ("ct original proto-dst { 20-22, 80 } accept", "open"),
    ("ct reply ip saddr 192.0.2.1 accept", "unknown"),
]


@pytest.mark.parametrize(("rules", "expected"), OWN_DIALECT)
def test_a_rule_as_nft_lists_it(rules: str, expected: str) -> None:
    assert answer(nft(rules)) == expected


@pytest.mark.parametrize(
    ("hook", "kind", "expected"),
    [("INPUT", "unicast", "unknown"), ("input", "unicast", "open"), ("INPUT", "local", "dropped")],
)
def test_a_listing_of_iptables_own_tables_leaves_out_the_kind_of_destination(
    hook: str, kind: str, expected: str
) -> None:
    text = (
        f"table ip filter {{\nchain {hook} {{\ntype filter hook input priority filter; policy drop;\n"
        f"fib saddr type {kind} counter packets 0 bytes 0 accept\n}}\n}}\n"
    )
    assert answer(text) == expected


@pytest.mark.parametrize(("hook", "expected"), [("INPUT", "unknown"), ("input", "dropped")])
def test_a_listing_of_iptables_own_tables_loses_ranges_of_either_port(hook: str, expected: str) -> None:
    text = (
        f"table ip filter {{\nchain {hook} {{\ntype filter hook input priority filter; policy drop;\n"
        "meta l4proto tcp tcp sport . tcp dport { 0-65535 . 1024, 1024 . 0-65535, 0-65535 . 65535,"
        " 65535 . 0-65535 } counter packets 0 bytes 0 accept\n}\n}\n"
    )
    assert answer(text) == expected


@pytest.mark.parametrize(("hook", "expected"), [("INPUT", "unknown"), ("input", "dropped")])
def test_a_listing_of_iptables_own_tables_leaves_out_the_rest_of_a_state(hook: str, expected: str) -> None:
    text = (
        f"table ip filter {{\nchain {hook} {{\ntype filter hook input priority filter; policy drop;\n"
        "ct status dnat counter packets 0 bytes 0 accept\n}\n}\n"
    )
    assert answer(text) == expected
