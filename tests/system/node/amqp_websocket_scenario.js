// @cloudamqp/amqp-client over WebSocket, as in a browser: node amqp_websocket_scenario.js URL QUEUE. Exits with 0 if all went well.
'use strict';
const assert = require('node:assert/strict');
const { AMQPWebSocketClient } = require('@cloudamqp/amqp-client');

globalThis.WebSocket = globalThis.WebSocket ?? require('ws');
const [url, name] = process.argv.slice(2);

async function main() {
    const client = new AMQPWebSocketClient(url, '/', 'guest', 'guest');
    await client.connect();
    const channel = await client.channel();
    await channel.confirmSelect();
    await channel.queueDeclare(name, { durable: false, autoDelete: true });
    const sizes = [0, 1, 125, 126, 8000, 65536, 1_000_000];
    const got = new Promise((resolve) => {
        const all = [];
        channel.basicConsume(name, { noAck: false }, (message) => {
            channel.basicAck(message.deliveryTag);
            all.push(message.bodySize);
            if (all.length === sizes.length) resolve(all);
        });
    });
    for (const size of sizes) await channel.basicPublish('', name, 'x'.repeat(size), { deliveryMode: 2 });
    assert.deepEqual(await got, sizes);
    const other = await client.channel();
    await assert.rejects(other.queueDeclare('nowhere', { passive: true }), /NOT_FOUND/);
    await client.close();
}

main().then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
});
