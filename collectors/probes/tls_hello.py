"""Client hellos of one version each, with every cipher suite there is: a refusal then means the version."""

from __future__ import annotations

from collectors.platforms.wire.tls_records import VERSIONS

_SUITES = (
    *range(0xC001, 0xC0B0),
    *range(0xCCA8, 0xCCAF),
    *range(0x0001, 0x001C),
    *range(0x001E, 0x0047),
    *range(0x0060, 0x006E),
    *range(0x0084, 0x00C6),
    0x00FF,  # renegotiation info, as a suite
)
_PLAIN = (0x002F, 0x0035, 0x003C, 0x003D, 0x000A, 0x0005, 0x0004, 0x0033, 0x0039, 0x0016, 0x00FF)
_SUITES_13 = (0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0x00C6, 0x00C7)
_GROUPS = (
    0x001D,
    0x0017,
    0x0018,
    0x0019,
    0x001E,
    0x001A,
    0x001B,
    0x001C,
    *range(0x0100, 0x0105),
    0x0029,
    0x0013,
)
_SIGNATURES = (
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x081A, 0x081B, 0x081C, 0x0809, 0x080A, 0x080B, 0x0804, 0x0805,
    0x0806, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602, 0x0203, 0x0201, 0x0202,
    0x0101, 0x0708,
)  # fmt: skip


def client_hello(version: str, random: bytes, key: bytes, *, plain: bool = False) -> bytes:
    """Build the hello for ``version``; ``random`` is 32 bytes, ``key`` 32 bytes taken as an X25519 key.

    ``plain``: the few suites that need no extension, as the oldest clients say them (not in TLS 1.3).
    No server name: the target is an address.
    """
    number = VERSIONS[version]
    modern = number > VERSIONS["TLSv1.2"]
    legacy = min(number, VERSIONS["TLSv1.2"])
    suites = _numbers(_SUITES_13 if modern else _PLAIN if plain else _SUITES)
    body = _two(legacy) + random + (_sized(random, 1) if modern else b"\0") + _sized(suites, 2) + b"\x01\0"
    if number > VERSIONS["SSLv3"] and (modern or not plain):
        body += _sized(_extensions(version, key), 2)
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16" + _two(min(number, VERSIONS["TLSv1"])) + _sized(message, 2)


def _extensions(version: str, key: bytes) -> bytes:
    kinds = [(10, _sized(_numbers(_GROUPS), 2)), (11, b"\x01\0")]
    if VERSIONS[version] >= VERSIONS["TLSv1.2"]:
        kinds.append((13, _sized(_numbers(_SIGNATURES), 2)))
    if VERSIONS[version] > VERSIONS["TLSv1.2"]:
        kinds.append((43, b"\x02" + _two(VERSIONS[version])))
        kinds.append((51, _sized(_two(0x001D) + _sized(key, 2), 2)))
    return b"".join(_two(kind) + _sized(data, 2) for kind, data in kinds)


def _two(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _numbers(numbers: tuple[int, ...]) -> bytes:
    return b"".join(map(_two, numbers))


def _sized(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data
