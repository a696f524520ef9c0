// @cloudamqp/amqp-client over TCP: node cloudamqp_scenarios.js SCENARIO URL NAME. Exits with 0 if everything was as it should be.
'use strict';
const assert = require('node:assert/strict');
const { AMQPClient } = require('@cloudamqp/amqp-client');

const [scenario, url, name] = process.argv.slice(2);

const scenarios = {
    async confirms(connection) {
        const channel = await connection.channel();
        await channel.confirmSelect();
        await channel.queueDeclare(name, { exclusive: true });
        const tags = await Promise.all(Array.from({ length: 200 }, (_, number) => channel.basicPublish('', name, String(number), { deliveryMode: 2 })));
        assert.deepEqual(tags, Array.from({ length: 200 }, (_, number) => number + 1));
        await channel.prefetch(10);
        const got = [];
        const consumer = await channel.basicConsume(name, { noAck: false }, async (message) => {
            got.push(Number(message.bodyString()));
            await message.ack();
            if (got.length === 200) consumer.cancel();
        });
        await consumer.wait();
        assert.deepEqual(got, Array.from({ length: 200 }, (_, number) => number));
    },

    async bodies(connection) {
        const channel = await connection.channel();
        const { name: queue } = await channel.queueDeclare('', { exclusive: true });
        for (const size of [0, 1, 8184, 8192, 100000, 1000000]) {
            await channel.basicPublish('', queue, new Uint8Array(size).fill(7));
            const message = await channel.basicGet(queue, { noAck: true });
            assert.equal(message.bodySize, size);
            assert.ok((message.body || []).every((byte) => byte === 7));
        }
    },

    async errors(connection) {
        const closes = async (action, pattern) => { const channel = await connection.channel(); await assert.rejects(action(channel), pattern); };
        await closes((channel) => channel.queueDeclare(name, { passive: true }), /NOT_FOUND - no queue/);
        await closes((channel) => channel.queueDeclare('amq.foobar'), /ACCESS_REFUSED/);
        await closes((channel) => channel.exchangeDelete('amq.topic'), /ACCESS_REFUSED/);
        await closes((channel) => channel.queueBind(name, 'amq.topic', ''), /NOT_FOUND/);
        await closes((channel) => channel.exchangeDeclare('amq.topic', 'direct'), /PRECONDITION_FAILED/);
        const channel = await connection.channel();
        assert.equal((await channel.queueDelete(name)).messageCount, 0);
        await assert.rejects(new AMQPClient(url.replace('guest@', 'wrong@')).connect(), /ACCESS_REFUSED/);
    },

    async 'everything-else'(connection) {
        const channel = await connection.channel();
        assert.equal(await channel.basicFlow(true), true);
        await connection.updateSecret('guest', 'a new one');
        await channel.exchangeDeclare(name, 'topic', { autoDelete: true });
        await channel.exchangeDeclare(`${name}-inner`, 'fanout', { internal: true, autoDelete: true });
        await channel.exchangeBind(`${name}-inner`, name, 'a.#');
        const { name: queue } = await channel.queueDeclare('', { exclusive: true });
        await channel.queueBind(queue, `${name}-inner`, '');
        await channel.basicPublish(name, 'a.b', 'x', { headers: { n: 1 } });
        const first = await channel.basicGet(queue, { noAck: false });
        assert.deepEqual([first.bodyString(), first.properties.headers.n, first.redelivered], ['x', 1, false]);
        await channel.basicRecover(true);
        const again = await channel.basicGet(queue, { noAck: false });
        assert.equal(again.redelivered, true);
        await again.nack(false);
        await channel.exchangeUnbind(`${name}-inner`, name, 'a.#');
        const transaction = await connection.channel();
        await transaction.txSelect();
        await transaction.basicPublish('', queue, 'taken back');
        await transaction.txRollback();
        await transaction.basicPublish('', queue, 'kept');
        await transaction.txCommit();
        assert.equal((await channel.queuePurge(queue)).messageCount, 1);
        const returned = new Promise((resolve) => { channel.onReturn = resolve; });
        await channel.basicPublish('', `${name}-nowhere`, 'lost', {}, true);
        assert.equal((await returned).replyCode, 312);
    },

    async 'cancelled-by-the-server'(connection) {
        const channel = await connection.channel();
        await channel.queueDeclare(name);
        const consumer = await channel.basicConsume(name, {}, () => {});
        const ended = assert.rejects(consumer.wait(20000), /cancelled by the server/i);
        await (await connection.channel()).queueDelete(name);
        await ended;
    },
};

setTimeout(() => { console.error('timed out'); process.exit(2); }, 30000).unref();
new AMQPClient(url).connect()
    .then(async (connection) => { await scenarios[scenario](connection); await connection.close(); })
    .then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
