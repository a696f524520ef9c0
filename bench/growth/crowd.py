"""Connections that are open and do nothing else."""

import socket
import struct

CONNACK = b"\x20\x02\x00\x00"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no port waits for anything afterwards


class Crowd:
    def __init__(self, port, count):
        self._sockets = [self._login(port, number) for number in range(count)]

    @staticmethod
    def _login(port, number):
        """MQTT 3.1.1, clean session, no keep alive."""
        name = b"idle-%d" % number
        body = b"\x00\x04MQTT\x04\x02\x00\x00" + struct.pack(">H", len(name)) + name
        made = socket.create_connection(("127.0.0.1", port))
        made.sendall(bytes([0x10, len(body)]) + body)
        answer = made.recv(len(CONNACK), socket.MSG_WAITALL)
        assert answer == CONNACK, f"a login was answered with {answer.hex()}"
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return made

    def close(self):
        for one in self._sockets:
            one.sendall(b"\xe0\x00")
            one.close()
