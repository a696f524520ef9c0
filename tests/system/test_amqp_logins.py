"""AMQP logins by certificate: SASL EXTERNAL, as RabbitMQ's plugin for it has it."""

import ssl

import pika
import pika.exceptions
import pytest
from support.amqp import Application
from support.configs import password_hash

pytestmark = [pytest.mark.needs("causeway"), pytest.mark.io_threads(0, 1)]

RIGHTS = "rights: [{vhost: /, configure: ['*'], write: ['*'], read: ['*']}]"


@pytest.fixture
def login(listening, certificates):
    """Logs in by certificate, or by password over TLS; closes what it opened."""
    certificate, key = certificates.server
    tls = f"certificate: {certificate}, key: {key}, client_ca: {certificates.authority}"
    server = listening(f"name: named, protocol: amqps, port: 0, tls: {{{tls}, certificate_user: common_name}}",
                       f"name: ignored, protocol: amqps, port: 0, tls: {{{tls}}}", rest=f"""
users:
  - {{name: app-7, {RIGHTS}}}
  - {{name: guest, password_hash: "{password_hash('guest')}", {RIGHTS}}}
""")
    opened = []

    def connect(common_name, credentials, listener="named", subject=None):
        context = ssl.create_default_context(cafile=certificates.authority)
        if common_name:
            context.load_cert_chain(*certificates.issue(common_name, subject=subject))
        parameters = pika.ConnectionParameters("127.0.0.1", server.listening[listener], credentials=credentials, ssl_options=pika.SSLOptions(context))
        opened.append(pika.BlockingConnection(parameters))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def offered(connection):
    return connection._impl.server_properties["capabilities"]["authentication_failure_close"]  # the handshake is over


def test_a_certificate_logs_in_as_the_user_that_it_names(login):
    channel = login("app-7", pika.credentials.ExternalCredentials()).channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.basic_publish("", queue, b"x", pika.BasicProperties(user_id="app-7"))
    channel.confirm_delivery()
    assert channel.basic_get(queue, auto_ack=True)[1].user_id == "app-7"


def test_a_password_counts_beside_a_certificate(login):
    assert offered(login("app-7", pika.PlainCredentials("guest", "guest")))


@pytest.mark.parametrize("common_name, listener", [(None, "named"), ("app-7", "ignored"), ("nobody", "named")])
def test_external_needs_a_certificate_of_a_known_user_where_the_listener_asks_for_it(login, common_name, listener):
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        login(common_name, pika.credentials.ExternalCredentials(), listener)


@pytest.mark.parametrize("subject", ["/", "/O=Example", "/CN=app-7/CN=app-7"], ids=["no subject", "no name", "two names"])
def test_a_certificate_without_a_name_is_not_offered_external_and_keeps_no_password_from_counting(login, subject):
    app = login("app-7", pika.credentials.ExternalCredentials())
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        login("nameless", pika.credentials.ExternalCredentials(), subject=subject)
    assert offered(login("nameless", pika.PlainCredentials("guest", "guest"), subject=subject))
    assert app.channel().queue_declare("", exclusive=True).method.queue
