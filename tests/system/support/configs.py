"""Configuration files and certificates, made when a test needs them."""

import subprocess

from .brokers import causeway_program

LOOPBACK_LISTENERS = """
listeners:
  - {name: mqtt, protocol: mqtt, port: 0}
  - {name: amqp, protocol: amqp, port: 0}
"""


def password_hash(password):
    """As `causeway passwd` prints it."""
    return subprocess.run([causeway_program(), "passwd"], input=password + "\n", capture_output=True, text=True, check=True, timeout=30).stdout.strip()


def write_config(folder, text, listeners=LOOPBACK_LISTENERS):
    """A configuration that keeps its data in the folder; returns its path."""
    path = folder / "causeway.yaml"
    storage = "" if "storage:" in text else "storage: {ballast_bytes: 1MiB}\n"  # many of these come and go
    path.write_text(f"data: {folder}/data\n{storage}{listeners}\n{text}")
    return path


class Certificates:
    """An authority of one's own, a server certificate for 127.0.0.1, and clients' certificates."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.authority = folder / "ca.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test authority",
                      "-keyout", folder / "ca.key", "-out", self.authority)
        self.server = self.issue("server", "subjectAltName=IP:127.0.0.1,DNS:localhost")

    def issue(self, name, extension="subjectAltName=DNS:client", subject=None):
        """(certificate, key) with this common name, or with this subject."""
        certificate, key, request = (self.folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject or f"/CN={name}", "-keyout", key, "-out", request)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(extension + "\n")
        self._openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self.folder / "ca.key", "-CAcreateserial", "-days", "2",
                      "-extfile", extensions, "-out", certificate)
        return certificate, key

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30)
