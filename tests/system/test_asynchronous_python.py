"""pika's connections for event loops, and aio-pika: what asynchronous Python programs use."""

import asyncio
import threading

import aio_pika
import aio_pika.patterns
import pika
import pytest
from pika.adapters.asyncio_connection import AsyncioConnection
from support.process import PATIENCE_S

pytestmark = pytest.mark.needs("amqp")


# --- pika: one callback after the other ---

class Echo:
    """Declares, binds, publishes with confirms and consumes, as pika's own example does; ends once it has everything, or with an error."""

    def __init__(self, broker, name, adapter, count=20):
        self.name, self.count, self.got, self.confirmed, self.error = name, count, [], 0, None
        self.connection = adapter(pika.ConnectionParameters(broker.host, broker.amqp_port), self.on_open, self.on_refused, self.on_closed)

    def on_open(self, connection):
        connection.channel(on_open_callback=self.on_channel)

    def on_refused(self, connection, error):
        self.error = error
        connection.ioloop.stop()

    def on_closed(self, connection, reason):
        connection.ioloop.stop()

    def on_channel(self, channel):
        self.channel = channel
        channel.exchange_declare(self.name, "topic", auto_delete=True, callback=self.on_exchange)

    def on_exchange(self, _frame):
        self.channel.queue_declare(self.name, exclusive=True, callback=self.on_queue)

    def on_queue(self, _frame):
        self.channel.queue_bind(self.name, self.name, "a.#", callback=self.on_bound)

    def on_bound(self, _frame):
        self.channel.basic_qos(prefetch_count=3, callback=lambda _: self.channel.basic_consume(self.name, self.on_message, callback=self.on_consuming))

    def on_consuming(self, _frame):
        self.channel.confirm_delivery(self.on_confirm, callback=self.on_confirming)

    def on_confirming(self, _frame):
        for number in range(self.count):
            self.channel.basic_publish(self.name, f"a.{number}", b"%d" % number)

    def on_confirm(self, frame):
        self.confirmed = frame.method.delivery_tag
        self.end()

    def on_message(self, channel, method, _properties, body):
        self.got.append(body)
        channel.basic_ack(method.delivery_tag)
        self.end()

    def end(self):
        if self.confirmed == len(self.got) == self.count:
            self.connection.close()


@pytest.mark.io_threads(0)
@pytest.mark.parametrize("adapter", [pika.SelectConnection, AsyncioConnection], ids=["select", "asyncio"])
def test_pika_with_callbacks(broker, name, adapter):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    echo = Echo(broker, name, adapter)
    watchdog = threading.Timer(PATIENCE_S, echo.connection.ioloop.stop if adapter is pika.SelectConnection else lambda: loop.call_soon_threadsafe(loop.stop))
    watchdog.start()
    try:
        (echo.connection.ioloop.start if adapter is pika.SelectConnection else loop.run_forever)()
    finally:
        watchdog.cancel()
        loop.close()
    assert echo.error is None and echo.confirmed == echo.count and echo.got == [b"%d" % number for number in range(echo.count)]


# --- aio-pika ---

def play(scenario):
    asyncio.run(asyncio.wait_for(scenario, PATIENCE_S * 3))


def url(broker, **options):
    return f"amqp://guest:guest@{broker.host}:{broker.amqp_port}/?" + "&".join(f"{key}={value}" for key, value in options.items())


@pytest.mark.io_threads(1)
def test_aio_pika_publishes_and_consumes(broker, name):
    async def scenario():
        async with await aio_pika.connect(url(broker)) as connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=5)
            exchange = await channel.declare_exchange(name, aio_pika.ExchangeType.HEADERS, auto_delete=True)
            queue = await channel.declare_queue(exclusive=True, arguments={"x-max-priority": 5})
            await queue.bind(exchange, "", arguments={"x-match": "any", "colour": "red"})
            messages = [aio_pika.Message(b"%d" % number, headers={"colour": colour}, expiration=60, priority=3)
                        for number, colour in enumerate(["red", "blue"] * 10)]
            await asyncio.gather(*(exchange.publish(message, "", mandatory=False) for message in messages))
            got = []
            async with queue.iterator() as deliveries:
                async for message in deliveries:
                    async with message.process():
                        got.append(message.body)
                    if len(got) == 10:
                        break
            assert sorted(got, key=int) == [b"%d" % number for number in range(0, 20, 2)]

    play(scenario())


@pytest.mark.io_threads(1)
def test_aio_pika_raises_what_the_server_says(broker, name):
    async def scenario():
        async with await aio_pika.connect(url(broker)) as connection:
            with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity, match=f"NOT_FOUND - no queue '{name}' in vhost '/'"):
                await (await connection.channel()).declare_queue(name, passive=True)
            with pytest.raises(aio_pika.exceptions.DeliveryError):
                channel = await connection.channel(on_return_raises=True)
                await channel.default_exchange.publish(aio_pika.Message(b"lost"), name, mandatory=True)
            with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed):
                await (await connection.channel()).declare_exchange("amq.topic", "fanout")

    play(scenario())


@pytest.mark.io_threads(1)
def test_aio_pika_calls_a_procedure(broker, name):
    async def scenario():
        async with await aio_pika.connect(url(broker)) as server, await aio_pika.connect(url(broker)) as client:
            async def multiply(*, one, other):
                return one * other

            procedures = await aio_pika.patterns.RPC.create(await server.channel())
            await procedures.register(name, multiply, auto_delete=True)
            caller = await aio_pika.patterns.RPC.create(await client.channel())
            assert [await caller.call(name, {"one": number, "other": 7}) for number in range(10)] == list(range(0, 70, 7))

    play(scenario())


@pytest.mark.io_threads(1)
def test_aio_pika_recovers_its_topology_after_a_crash(own_broker, name):
    async def scenario():
        connection = await aio_pika.connect_robust(url(own_broker, reconnect_interval="0.2"))
        channel = await connection.channel()
        exchange = await channel.declare_exchange(name, aio_pika.ExchangeType.TOPIC, auto_delete=True)
        queue = await channel.declare_queue(name, exclusive=True)
        await queue.bind(exchange, "a.*")
        got = asyncio.Queue()
        await queue.consume(lambda message: got.put_nowait(message.body), no_ack=True)
        await exchange.publish(aio_pika.Message(b"before"), "a.b")
        assert await got.get() == b"before"
        back = asyncio.Event()
        connection.reconnect_callbacks.add(lambda *_: back.set())
        await asyncio.get_running_loop().run_in_executor(None, own_broker.kill_and_restart)
        await back.wait()
        await exchange.publish(aio_pika.Message(b"after"), "a.b")
        assert await got.get() == b"after"
        await connection.close()

    play(scenario())
