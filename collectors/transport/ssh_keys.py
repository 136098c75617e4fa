"""Keys that a login can offer: private key files with their certificates, and keys of an SSH agent.

Signatures are made here, with ``cryptography`` or by the agent, in the format of RFC 4253 section 6.6,
RFC 5656 and RFC 8332. SHA-1 signatures (``ssh-rsa``) are never made.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import socket
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from collectors.credentials import read_private
from scanner.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.credentials import Secret

CERTIFICATE = "-cert-v01@openssh.com"
"""Suffix of the algorithm names of OpenSSH user certificates."""

_RSA = ("rsa-sha2-512", "rsa-sha2-256")
_RSA_HASHES: dict[str, hashes.HashAlgorithm] = {
    "rsa-sha2-512": hashes.SHA512(),
    "rsa-sha2-256": hashes.SHA256(),
}
_CURVE_HASHES: dict[str, hashes.HashAlgorithm] = {
    "ecdsa-sha2-nistp256": hashes.SHA256(),
    "ecdsa-sha2-nistp384": hashes.SHA384(),
    "ecdsa-sha2-nistp521": hashes.SHA512(),
}
_PLAIN = ("ssh-ed25519", *_CURVE_HASHES)

_AGENT_SECONDS = 30.0  # an agent may ask its owner to confirm
_AGENT_MAX_BYTES = 256 * 1024
_REQUEST_IDENTITIES, _IDENTITIES_ANSWER, _SIGN_REQUEST, _SIGN_RESPONSE = 11, 12, 13, 14
_AGENT_FLAGS = {"rsa-sha2-256": 2, "rsa-sha2-512": 4}

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class OfferedKey:
    """A public key or certificate, and a way to sign with its private half."""

    label: str  # reference or path, for messages
    blob: bytes
    algorithms: tuple[str, ...]  # names a request may use, best first
    sign: Callable[[bytes, str], bytes] = field(repr=False)
    """Signature blob over data with the algorithm (without the certificate suffix).

    Raises CredentialError where the agent will not sign.
    """

    @property
    def fingerprint(self) -> str:
        """SHA-256 fingerprint, as ``ssh-add -l`` prints it; a certificate's is its key's only there."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"

    def algorithm(self, server_takes: tuple[str, ...]) -> str | None:
        """Algorithm to use; None for an RSA key where ``server_takes`` (empty: not told) has no SHA-2."""
        if not server_takes or not self.algorithms[0].startswith("rsa-"):
            return self.algorithms[0]
        taken = [name for name in self.algorithms if name.removesuffix(CERTIFICATE) in server_takes]
        return taken[0] if taken else None


def string(data: bytes) -> bytes:
    """Encode a string of the SSH protocol (RFC 4251 section 5)."""
    return struct.pack(">I", len(data)) + data


def take(data: bytes, at: int) -> tuple[bytes, int]:
    """Decode a string at ``at``; gives it and the place after it.

    Raises:
        ValueError: the data ends before the string does.
    """
    end = at + 4 + int.from_bytes(data[at : at + 4], "big")
    if len(data) < at + 4 or end > len(data):
        raise ValueError("the data ends early")
    return data[at + 4 : end], end


def _mpint(number: int) -> bytes:
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def algorithms_of(blob: bytes) -> tuple[str, ...]:
    """Names under which a key or certificate blob can be offered; empty for kinds we cannot use."""
    try:
        name = take(blob, 0)[0].decode("ascii")
    except ValueError:
        return ()
    base, suffix = name.removesuffix(CERTIFICATE), CERTIFICATE if name.endswith(CERTIFICATE) else ""
    if base == "ssh-rsa":
        return tuple(algorithm + suffix for algorithm in _RSA)
    return (name,) if base in _PLAIN else ()


def load_keys(path: str, passphrase: Callable[[], Secret] | None) -> tuple[OfferedKey, ...]:
    """Keys to offer for a private key file: its certificate first where one lies beside, then itself.

    Raises:
        CredentialError: not readable, open to others, not a key, or no or the wrong passphrase.
    """
    private = _parse_private(path, read_private(path), passphrase)
    public = private.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    plain = base64.b64decode(public.split()[1])
    blobs = [blob for blob in (_certificate(path), plain) if blob is not None]

    def sign(data: bytes, algorithm: str) -> bytes:
        return _signature(private, data, algorithm)

    return tuple(OfferedKey(path, blob, algorithms_of(blob), sign) for blob in blobs)


def _parse_private(path: str, content: bytes, passphrase: Callable[[], Secret] | None) -> PrivateKey:
    """Read OpenSSH, PKCS#8 or traditional PEM. The passphrase is fetched only where one is needed."""
    is_openssh = b"BEGIN OPENSSH PRIVATE KEY" in content
    load = serialization.load_ssh_private_key if is_openssh else serialization.load_pem_private_key
    try:
        try:
            key = load(content, None)
        except TypeError:  # the library's way to say: encrypted
            if passphrase is None:
                needs = "has a passphrase; use the agent, or key:PATH?pass=prompt:"
                raise CredentialError(f"key:{path} {needs}") from None
            key = load(content, passphrase().reveal().encode())
    except (ValueError, UnsupportedAlgorithm):
        what = (
            "no private key, or the wrong passphrase" if passphrase else "not a private key that can be read"
        )
        raise CredentialError(f"key:{path}: {what}") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise CredentialError(f"key:{path}: only RSA, ECDSA and Ed25519 keys can be used")
    return key


def _certificate(path: str) -> bytes | None:
    """Blob of the certificate beside a key; None where there is none."""
    beside = Path(f"{path}-cert.pub").expanduser()
    try:
        fields = beside.read_bytes().split()
        blob = base64.b64decode(fields[1], validate=True)
    except FileNotFoundError:
        return None
    except (OSError, IndexError, binascii.Error) as error:
        raise CredentialError(f"{path}-cert.pub: not a certificate that can be read") from error
    if not algorithms_of(blob) or not fields[0].endswith(CERTIFICATE.encode()):
        raise CredentialError(f"{path}-cert.pub: not a user certificate of OpenSSH")
    return blob


def _signature(private: PrivateKey, data: bytes, algorithm: str) -> bytes:
    if isinstance(private, rsa.RSAPrivateKey):
        raw = private.sign(data, padding.PKCS1v15(), _RSA_HASHES[algorithm])
    elif isinstance(private, ec.EllipticCurvePrivateKey):
        der = private.sign(data, ec.ECDSA(_CURVE_HASHES[algorithm]))
        raw = b"".join(map(_mpint, utils.decode_dss_signature(der)))
    else:
        raw = private.sign(data)
    return string(algorithm.encode()) + string(raw)


class Agent:
    """A connection to an SSH agent (draft-ietf-sshm-ssh-agent), for one login."""

    def __init__(self, path: str) -> None:
        """Connect to the agent's socket at ``path``.

        Raises:
            CredentialError: no agent answers there.
        """
        if not path:
            raise CredentialError("agent: no SSH agent runs (SSH_AUTH_SOCK is not set)")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_AGENT_SECONDS)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise CredentialError(
                f"agent: the SSH agent does not answer: {error.strerror or error}"
            ) from error

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def keys(self) -> tuple[OfferedKey, ...]:
        """All keys of kinds that can be used, in the agent's order.

        Raises:
            CredentialError: the agent does not answer as one.
        """
        answer = self._ask(_IDENTITIES_ANSWER, bytes([_REQUEST_IDENTITIES]))
        keys = []
        try:
            at = 4
            for _ in range(int.from_bytes(answer[:4], "big")):
                blob, at = take(answer, at)
                _, at = take(answer, at)
                if algorithms_of(blob):
                    keys.append(OfferedKey("agent:", blob, algorithms_of(blob), self._signer(blob)))
        except ValueError as error:
            raise CredentialError("agent: the SSH agent's answer cannot be read") from error
        return tuple(keys)

    def _signer(self, blob: bytes) -> Callable[[bytes, str], bytes]:
        def sign(data: bytes, algorithm: str) -> bytes:
            flags = struct.pack(">I", _AGENT_FLAGS.get(algorithm, 0))
            request = bytes([_SIGN_REQUEST]) + string(blob) + string(data) + flags
            try:
                return take(self._ask(_SIGN_RESPONSE, request), 0)[0]
            except ValueError as error:
                raise CredentialError("agent: the SSH agent's signature cannot be read") from error

        return sign

    def _ask(self, expected: int, request: bytes) -> bytes:
        try:
            self._socket.sendall(string(request))
            length = int.from_bytes(self._receive(4), "big")
            if not 0 < length <= _AGENT_MAX_BYTES:
                raise CredentialError("agent: the SSH agent's answer cannot be read")
            answer = self._receive(length)
        except OSError as error:
            raise CredentialError(
                f"agent: the SSH agent does not answer: {error.strerror or error}"
            ) from error
        if answer[0] != expected:
            raise CredentialError("agent: the SSH agent refuses (locked, or its owner said no)")
        return answer[1:]

    def _receive(self, wanted: int) -> bytes:
        received = b""
        while len(received) < wanted:
            chunk = self._socket.recv(wanted - len(received))
            if not chunk:
                raise CredentialError("agent: the SSH agent hung up")
            received += chunk
        return received
