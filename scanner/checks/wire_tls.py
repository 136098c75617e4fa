"""Questions about TLS on the wire: versions that are offered, certificates that are shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unanswered, unsettled, worst
from scanner.facts import JudgedAt, Offer, TlsEndpoint, TlsEndpoints, WireCertificate
from scanner.model import Answer, Gap, GapReason, Outcome, Risk, Text
from scanner.threshold import at_least

WEAK_VERSIONS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1")


def _no_tls(endpoints: TlsEndpoints) -> Outcome | None:
    """Nothing to ask where no open port speaks TLS; unseen where that is not known of every port."""
    what = Text(zh="以下端口是否使用 TLS 未能确定", en="whether these ports speak TLS was not seen")
    hidden = unanswered(what, endpoints.unseen, endpoints.seen)
    if endpoints.endpoints:
        return hidden
    message = Text(zh="没有开放端口使用 TLS", en="no open port speaks TLS")
    return hidden or Outcome(Answer.NA, message, endpoints.seen)


def _versions(endpoints: TlsEndpoints, _: NoParameters) -> Outcome:
    weak = [(e, v) for e in endpoints.endpoints for v in e.offers(*WEAK_VERSIONS)]
    if weak:
        message = Text(zh="提供过时的协议版本：{what}", en="outdated versions are offered: {what}").format(
            what=listed(f"{v.version} (tcp/{e.port})" for e, v in weak)
        )
        return Outcome.no(message, *(v.at for _, v in weak))
    unknown = [
        (e, v)
        for e in endpoints.endpoints
        for v in e.versions
        if v.version in WEAK_VERSIONS and v.offer is Offer.UNKNOWN
    ]
    if unknown:
        message = Text(
            zh="是否提供以下版本未能看到：{what}",
            en="whether these versions are offered was not seen: {what}",
        ).format(what=listed(f"{v.version} (tcp/{e.port})" for e, v in unknown))
        return unsettled(message, (v.at for _, v in unknown))
    absent = _no_tls(endpoints)
    if absent is not None:
        return absent
    offered = {
        e.port: "/".join(v.version for v in e.versions if v.offer is Offer.OFFERED)
        for e in endpoints.endpoints
    }
    if not all(offered.values()):
        message = Text(zh="未看到任何被接受的协议版本", en="no version was seen to be taken: {what}").format(
            what=listed(f"tcp/{port}" for port, taken in offered.items() if not taken)
        )
        return unsettled(message, (e.at for e in endpoints.endpoints))
    message = Text(
        zh="TLS 1.0、1.1 和 SSL 均被拒绝：{what}", en="TLS 1.0, 1.1 and SSL are refused: {what}"
    ).format(what=listed(f"tcp/{port} {taken}" for port, taken in offered.items()))
    return Outcome.yes(message, *(v.at for e in endpoints.endpoints for v in e.versions), *endpoints.seen)


@dataclass(frozen=True, slots=True)
class CertificateKeys:
    """Least bits of a certificate's key: of RSA, and of elliptic curves (SM2 is one)."""

    min_rsa_bits: int = field(metadata=at_least())
    min_ec_bits: int = field(metadata=at_least())


_WEAK_HASHES = frozenset({"md2", "md4", "md5", "sha1"})
_STRONG_HASHES = frozenset("sha224 sha256 sha384 sha512 sha3-224 sha3-256 sha3-384 sha3-512 sm3".split())
_HASH_BUILT_IN = frozenset({"Ed25519", "Ed448"})


def _certificates(endpoints: TlsEndpoints, now: JudgedAt, limits: CertificateKeys) -> Outcome:
    asked = [_certificate(e, now, limits) for e in endpoints.endpoints]
    refused = next((o for o in asked if o.answer is Answer.NO), None)
    return refused or _no_tls(endpoints) or worst(*asked)


def _certificate(endpoint: TlsEndpoint, now: JudgedAt, limits: CertificateKeys) -> Outcome:
    shown = endpoint.certificate
    if isinstance(shown, Gap):
        message = Text(zh="未看到证书（{port}）", en="the certificate was not seen ({port})")
        return through(message.format(port=f"tcp/{endpoint.port}"), shown, (endpoint.at,))
    who = f"{shown.subject} (tcp/{endpoint.port})"
    wrong = [*_dates(shown, now), *_weak(shown, limits)]
    if wrong:
        message = Text(
            zh=f"{who}：{'；'.join(w.zh for w in wrong)}", en=f"{who}: {'; '.join(w.en for w in wrong)}"
        )
        return Outcome.no(message, shown.at)
    unknown = _unknown(shown)
    if unknown:
        message = Text(zh=f"{who}：未能确定 {listed(unknown)}", en=f"{who}: not known: {listed(unknown)}")
        return unsettled(message, (shown.at,), GapReason.UNPARSABLE)
    message = Text(
        zh="{who} 有效至 {end}，{key} {bits} 位", en="{who} is valid until {end}, {key} with {bits} bits"
    ).format(who=who, end=shown.not_after.date(), key=shown.key_type, bits=shown.key_bits)
    return Outcome.yes(message, shown.at)


def _dates(shown: WireCertificate, now: JudgedAt) -> list[Text]:
    if now.at > shown.not_after:
        return [Text(zh=f"已于 {shown.not_after.date()} 过期", en=f"expired on {shown.not_after.date()}")]
    if now.at < shown.not_before:
        return [
            Text(zh=f"{shown.not_before.date()} 起才有效", en=f"not valid before {shown.not_before.date()}")
        ]
    return []


def _weak(shown: WireCertificate, limits: CertificateKeys) -> list[Text]:
    wrong = []
    if shown.self_signed:
        wrong.append(Text(zh="自签名", en="signed by itself"))
    if shown.signature_hash in _WEAK_HASHES:
        wrong.append(Text(zh=f"签名散列 {shown.signature_hash}", en=f"signed over {shown.signature_hash}"))
    least = {"RSA": limits.min_rsa_bits, "EC": limits.min_ec_bits, "SM2": limits.min_ec_bits}
    if shown.key_type == "DSA" or 0 < shown.key_bits < least.get(shown.key_type, 0):
        key = f"{shown.key_type} {shown.key_bits}"
        wrong.append(Text(zh=f"密钥 {key} 位", en=f"key of {key} bits"))
    return wrong


def _unknown(shown: WireCertificate) -> list[str]:
    """What of a certificate could not be told."""
    found = []
    if shown.self_signed is None:
        found.append("issuer")
    if shown.key_type not in {"RSA", "EC", "SM2", *_HASH_BUILT_IN} or not shown.key_bits:
        found.append("key")
    if shown.signature_hash not in _STRONG_HASHES and not (
        not shown.signature_hash and shown.key_type in _HASH_BUILT_IN
    ):
        found.append("hash")
    return found


CHECKS: tuple[Check, ...] = (
    Check(
        "wire.tls-versions-strong",
        Text(
            zh="网络上的 TLS 服务是否都拒绝 TLS 1.0、1.1 和 SSL？",
            en="Does every TLS service on the wire refuse TLS 1.0, 1.1 and SSL?",
        ),
        (TlsEndpoints,),
        _versions,
        Risk.MEDIUM,
        Text(
            zh="在服务的配置中只保留 TLSv1.2 与 TLSv1.3（nginx：ssl_protocols TLSv1.2 TLSv1.3;），重新加载后"
            "用 openssl s_client -tls1 验证其被拒绝。",
            en="Leave only TLSv1.2 and TLSv1.3 in the service's file (nginx: ssl_protocols TLSv1.2 TLSv1.3;),"
            " reload it, and see openssl s_client -tls1 refused.",
        ),
    ),
    Check(
        "wire.certificates-valid",
        Text(
            zh="网络上出示的证书是否都在有效期内、非自签名且密钥与散列足够强？",
            en="Is every certificate on the wire in date, signed by another, with a strong key and hash?",
        ),
        (TlsEndpoints, JudgedAt),
        _certificates,
        Risk.MEDIUM,
        Text(
            zh="向单位的 CA 申请新证书（RSA 2048 位以上或 EC/SM2 256 位，SHA-256 或 SM3），安装到服务"
            "并重新加载，在到期前安排更换。",
            en="Have the organisation's CA issue a new certificate (RSA of at least 2048 bits, EC or SM2 of"
            " 256, SHA-256 or SM3), install it, reload the service, and plan its renewal.",
        ),
        parameters=CertificateKeys,
    ),
)
