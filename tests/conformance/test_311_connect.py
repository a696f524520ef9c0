"""CONNECT and CONNACK of MQTT 3.1.1 (3.1, 3.2)."""

import wire
from statements import proves311 as proves


@proves("MQTT-3.1.0-2", "MQTT-4.8.0-1")
def test_a_second_connect_ends_the_connection(connect, name):
    client = connect(name)
    client.send(wire.connect(client.version, name))
    client.expect_closed()


@proves("MQTT-3.1.4-4", "MQTT-3.2.0-1")
def test_a_connect_is_answered_with_connack_0_before_anything_else(dial, name):
    client = dial()
    client.send(wire.connect(wire.V311, name), wire.subscribe(wire.V311, 7, [(name, 0)]), wire.pingreq())
    client.expect("CONNACK", code=0, session_present=False)
    client.expect("SUBACK", packet_id=7, codes=[0])
    client.expect("PINGRESP")
