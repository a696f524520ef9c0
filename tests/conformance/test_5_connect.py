"""CONNECT and CONNACK of MQTT 5.0 (3.1, 3.2)."""

import wire
from statements import proves5 as proves


@proves("MQTT-3.1.0-2")
def test_a_second_connect_ends_the_connection(connect, name):
    client = connect(name, wire.V5)
    client.send(wire.connect(wire.V5, name))
    client.expect_closed(disconnect=0x82)
