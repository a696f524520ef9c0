"""Topic names and filters of MQTT 5.0 (4.7)."""

import pytest
import wire5
from statements import proves5 as proves

# (filter, names that match, names that do not): the examples of 4.7, and their relatives. {} is the test's own first level.
MATCHES = [
    ("{}/tennis/player1/#", ["{}/tennis/player1", "{}/tennis/player1/ranking", "{}/tennis/player1/score/wimbledon"],
     ["{}/tennis/player2", "{}/tennis"]),
    ("{}/#", ["{}", "{}/", "{}/a", "{}//", "{}/a/b/c"], ["{}a", "/{}"]),
    ("{}/tennis/+", ["{}/tennis/player1", "{}/tennis/player2", "{}/tennis/"], ["{}/tennis/player1/ranking", "{}/tennis"]),
    ("{}/+", ["{}/", "{}/a"], ["{}", "{}/a/b", "{}/a/", "{}//"]),
    ("{}/+/player1", ["{}/tennis/player1", "{}//player1"], ["{}/player1", "{}/a/b/player1"]),
    ("+/{}/#", ["a/{}", "/{}/", "a/{}/b/c"], ["{}/a", "a/b/{}"]),
    ("+/{}", ["/{}", "x/{}"], ["{}", "/{}/", "//{}"]),
    ("/{}", ["/{}"], ["{}", "/{}/", "//{}"]),
    ("/+", ["/{}"], ["{}", "/{}/a"]),
    ("{}/+/+/#", ["{}/a/b", "{}/a/b/c", "{}//"], ["{}/a", "{}"]),
    ("{}", ["{}"], ["{}/", "/{}", "{}x"]),
    ("{}/", ["{}/"], ["{}", "{}/a"]),
    ("{}/ACCOUNTS", ["{}/ACCOUNTS"], ["{}/Accounts", "{}/accounts"]),
    ("{}/Accounts payable", ["{}/Accounts payable"], ["{}/Accounts  payable", "{}/Accountspayable"]),
    ("{}/*/?", ["{}/*/?"], ["{}/a/b", "{}/*/a"]),
    ("{}/a.b", ["{}/a.b"], ["{}/a/b"]),
    ("{}/%2F", ["{}/%2F"], ["{}//", "{}/%2f"]),
]


@proves("MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-4", "MQTT-3.3.2-3", "MQTT-4.5.0-1")
@pytest.mark.parametrize("filter_, matching, others", MATCHES, ids=[row[0] for row in MATCHES])
def test_filters_match_what_they_should_and_nothing_else(connect5, publisher5, name, filter_, matching, others):
    """Also what is retained."""
    client = connect5(name)
    client.subscribe((filter_.format(name), wire5.options(1, retain_handling=2)))
    topics = [one.format(name) for one in (*matching, *others)]
    for topic in topics:
        publisher5.publish(topic, b"m", qos=1, retain=True)
    own = [message.topic for message in client.arrived() if name in message.topic]
    assert own == topics[: len(matching)]
    late = connect5(name + "-late")
    late.subscribe(filter_.format(name), qos=1)
    assert sorted(message.topic for message in late.arrived() if name in message.topic) == sorted(own)
    for topic in topics:
        publisher5.publish(topic, b"", qos=1, retain=True)


@proves("MQTT-4.7.3-4", "MQTT-4.7.3-1")
def test_names_are_compared_without_normalization(connect5, publisher5, name):
    """Letters that look alike, letters of other cases, spaces, dots, and characters of no meaning."""
    topics = [f"{name}/{end}" for end in ("\u00e9", "e\u0301", "\u212b", "\u00c5", "\ufb01", "fi", "\u0130", "i", "I", " ", "\u00a0", "",
                                          ".", "..", "./", "a/../b", "\U0001f4a1", "\ufeff", "\u200b", "\\", "~", "'\"")]
    client = connect5(name)
    for number, topic in enumerate(topics):
        client.subscribe((topic, 1), properties={"subscription_identifier": number + 1})
    for number, topic in enumerate(topics):
        publisher5.publish(topic, b"m", qos=1)
        assert client.take(topic).properties == {"subscription_identifier": [number + 1]}
    client.expect_nothing()


@proves("MQTT-4.7.2-1")
@pytest.mark.parametrize("filter_", ("#", "+/#", "+/{}/x", "+/{}/+", "+/+/x", "+/{}/#"))
def test_wildcards_in_front_do_not_match_topics_that_begin_with_dollar(dollar_broker, connect5, name, filter_):
    """Neither what is published nor what is retained, and not for those that are away."""
    to = {"to": dollar_broker}
    client, away = connect5(name, **to), connect5(name + "-away", properties={"session_expiry_interval": 60}, **to)
    for one in (client, away):
        one.subscribe((filter_.format(name), wire5.options(1, retain_handling=2)))
    away.disconnect()
    publisher = connect5(name + "-publisher", **to)
    for topic in (f"$own/{name}/x", f"$/{name}/x"):
        answer = publisher.publish(topic, b"m", qos=1, retain=True)
        assert answer.code in (0, 0x10)
    publisher.publish(f"a/{name}/x", b"fence", qos=1)
    client.take(f"a/{name}/x")
    assert [message.topic for message in connect5(name + "-away", clean=False, **to).arrived()] == [f"a/{name}/x"]
    late = connect5(name + "-late", **to)
    late.subscribe(filter_.format(name))
    assert not [message for message in late.arrived() if message.topic.startswith("$")]


@proves("MQTT-4.7.2-1")
@pytest.mark.parametrize("filter_", ("$own/{}/x", "$own/#", "$own/+/x", "$own/{}/+"))
def test_filters_that_name_it_match_topics_that_begin_with_dollar(dollar_broker, connect5, name, filter_):
    client = connect5(name, to=dollar_broker)
    client.subscribe((filter_.format(name), wire5.options(1, retain_handling=2)))
    connect5(name + "-publisher", to=dollar_broker).publish(f"$own/{name}/x", b"m", qos=1)
    client.take(f"$own/{name}/x", b"m")


@pytest.fixture(scope="module")
def dollar_broker(module_broker):
    """Where topics of the tests' own that begin with $ may be used, as 4.7.2 allows."""
    topics = "['#', '$own/#', '$/#']"
    return module_broker(f"anonymous: {{mqtt: loopback, rights: [{{vhost: /, publish: {topics}, subscribe: {topics}}}]}}")


@proves("MQTT-4.7.2-1")
@pytest.mark.parametrize("filter_", ("#", "+/#", "+/broker/#", "+/broker/clients/+"))
def test_wildcards_in_front_do_not_bring_the_server_s_own_topics(sys_broker, connect5, name, filter_):
    client, watcher = connect5(name, to=sys_broker), connect5(name + "-watcher", to=sys_broker)
    watcher.subscribe("$SYS/#")
    assert watcher.next().topic.startswith("$SYS/")  # there are some
    client.subscribe(filter_)
    assert watcher.readable(5)  # and new ones come
    client.expect_nothing()


@pytest.fixture(scope="module")
def sys_broker(module_broker):
    rights = "rights: [{vhost: /, publish: ['#', '$SYS/#'], subscribe: ['#', '$SYS/#']}]"
    return module_broker(f"mqtt: {{sys_interval: 1s}}\nanonymous: {{mqtt: loopback, {rights}}}")


@proves("MQTT-4.7.2-1")
@pytest.mark.parametrize("retain", (False, True))
def test_clients_do_not_publish_to_the_server_s_own_topics(sys_broker, connect5, name, retain):
    """4.7.2: a server should keep clients from it. The answer says so where there is one."""
    watcher, client = connect5(name + "-watcher", to=sys_broker), connect5(name, to=sys_broker)
    watcher.subscribe(f"$SYS/{name}", "$SYS/broker/version")
    watcher.arrived()
    for topic in (f"$SYS/{name}", "$SYS/broker/version"):
        assert client.publish(topic, b"mine", qos=1, retain=retain).code >= 0x80
        assert client.publish(topic, b"mine", qos=2, retain=retain).code >= 0x80
        client.publish(topic, b"mine", retain=retain)
    client.publish(name, qos=1)
    assert not [message for message in watcher.arrived() if message.payload == b"mine"]
    late = connect5(name + "-late", to=sys_broker)
    late.subscribe(f"$SYS/{name}", "$SYS/broker/version")
    assert not [message for message in late.arrived() if message.payload == b"mine"]
