"""The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding."""

import base64
import hashlib
import hmac
import os

METHOD = "SCRAM-SHA-256"


def _hmac(key, data):
    return hmac.digest(key, data, "sha256")


class Scram:
    """One exchange: first() goes out, final(challenge) answers the server's first message, proves(verdict) checks its last."""

    def __init__(self, user, password):
        self.password = password.encode()
        self.nonce = base64.b64encode(os.urandom(18)).decode()
        self.bare = f"n={user.replace('=', '=3D').replace(',', '=2C')},r={self.nonce}"

    def first(self):
        return f"n,,{self.bare}".encode()

    def final(self, challenge):
        fields = dict(part.split("=", 1) for part in challenge.decode().split(","))
        assert fields["r"].startswith(self.nonce) and len(fields["r"]) > len(self.nonce)
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(fields["s"]), int(fields["i"]))
        without_proof = f"c={base64.b64encode(b'n,,').decode()},r={fields['r']}"
        signed = ",".join((self.bare, challenge.decode(), without_proof)).encode()
        key = _hmac(salted, b"Client Key")
        signature = _hmac(hashlib.sha256(key).digest(), signed)
        self.expected = b"v=" + base64.b64encode(_hmac(_hmac(salted, b"Server Key"), signed))
        return f"{without_proof},p={base64.b64encode(bytes(a ^ b for a, b in zip(key, signature))).decode()}".encode()

    def proves(self, verdict):
        """Whether the server knows the secret, too."""
        return verdict == self.expected
