"""An AMQP client for tests: pika's blocking connection with one channel, and what tests do most."""

import time

import pika
import pika.exceptions

from .process import PATIENCE_S


class Application:
    def __init__(self, broker, login=("guest", "guest"), vhost="/", heartbeat=None, confirms=False, port=None, ssl=None, **parameters):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(
            broker.host, port or broker.amqp_port, vhost, pika.PlainCredentials(*login), heartbeat=heartbeat, ssl_options=ssl,
            socket_timeout=PATIENCE_S, stack_timeout=PATIENCE_S, blocked_connection_timeout=PATIENCE_S, **parameters))
        self.channel = self.new_channel(confirms)

    def new_channel(self, confirms=False):
        channel = self.connection.channel()
        if confirms:
            channel.confirm_delivery()
        return channel

    def declare(self, queue="", **flags):
        """Returns the queue's name."""
        return self.channel.queue_declare(queue, **flags).method.queue

    def count(self, queue):
        """(messages, consumers) of a queue."""
        method = self.new_channel().queue_declare(queue, passive=True).method
        return method.message_count, method.consumer_count

    def publish(self, key, body, exchange="", mandatory=False, **properties):
        self.channel.basic_publish(exchange, key, body, pika.BasicProperties(**properties), mandatory=mandatory)

    def get(self, queue, auto_ack=True):
        """(method, properties, body), or three times None."""
        return self.channel.basic_get(queue, auto_ack=auto_ack)

    def drain(self, queue):
        """The bodies of all messages that are ready."""
        bodies = []
        while (body := self.get(queue)[2]) is not None:
            bodies.append(body)
        return bodies

    def consume(self, queue, count, auto_ack=True, channel=None, **arguments):
        """`count` deliveries as (method, properties, body), then cancels."""
        channel, deliveries = channel or self.channel, []
        for method, properties, body in channel.consume(queue, auto_ack=auto_ack, inactivity_timeout=PATIENCE_S, **arguments):
            assert method is not None, f"{len(deliveries)} of {count} deliveries within {PATIENCE_S} s"
            deliveries.append((method, properties, body))
            if len(deliveries) == count:
                break
        channel.cancel()
        return deliveries

    def subscribe(self, queue, **arguments):
        """Starts a consumer; its deliveries are appended to the list that is returned, while pump() runs."""
        arrived = []
        arguments.setdefault("auto_ack", True)
        self.channel.basic_consume(queue, lambda _channel, *delivery: arrived.append(delivery), **arguments)
        return arrived

    def pump_until(self, condition, what="an event", timeout=PATIENCE_S):
        """Handles what comes in until the condition holds."""
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, f"waited {timeout} s in vain for: {what}"
            self.connection.process_data_events(time_limit=0.05)

    def close(self):
        if self.connection.is_open:
            try:
                self.connection.close()
            except (pika.exceptions.AMQPError, OSError):
                pass  # the server has gone first


def refusal(action):
    """The reply code that the channel is closed with because of the action, and its text."""
    try:
        action()
    except pika.exceptions.ChannelClosedByBroker as closed:
        return closed.reply_code, closed.reply_text
    except pika.exceptions.ConnectionClosedByBroker as closed:
        return closed.reply_code, closed.reply_text
    return None, ""
