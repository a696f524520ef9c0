// amqplib against a server: node amqp_scenarios.js SCENARIO URL NAME. Exits with 0 if everything was as it should be.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { once } = require('node:events');
const amqp = require('amqplib');

const [scenario, url, name] = process.argv.slice(2);

const scenarios = {
    async confirms(connection) {
        const channel = await connection.createConfirmChannel();
        await channel.assertQueue(name, { durable: true });
        for (let number = 0; number < 500; number++) channel.sendToQueue(name, Buffer.from(String(number)), { persistent: true });
        await channel.waitForConfirms();
        assert.equal((await channel.checkQueue(name)).messageCount, 500);
        await channel.prefetch(10);
        const got = [];
        await new Promise((resolve) => channel.consume(name, (message) => {
            if (!message) return;  // told that the queue has been deleted
            got.push(Number(message.content.toString()));
            channel.ack(message);
            if (got.length === 500) resolve();
        }));
        assert.deepEqual(got, Array.from({ length: 500 }, (_, number) => number));
        assert.equal((await channel.checkQueue(name)).messageCount, 0);
        await channel.deleteQueue(name);
    },

    async topology(connection) {
        const channel = await connection.createChannel();
        await channel.assertExchange(`${name}-in`, 'topic', { autoDelete: true });
        await channel.assertExchange(`${name}-out`, 'headers', { autoDelete: true });
        await channel.bindExchange(`${name}-out`, `${name}-in`, 'a.#');
        const { queue } = await channel.assertQueue('', { exclusive: true });
        await channel.bindQueue(queue, `${name}-out`, '', { 'x-match': 'any', colour: 'red' });
        channel.publish(`${name}-in`, 'a.b', Buffer.from('red'), { headers: { colour: 'red' } });
        channel.publish(`${name}-in`, 'a.b', Buffer.from('blue'), { headers: { colour: 'blue' } });
        channel.publish(`${name}-in`, 'b', Buffer.from('elsewhere'), { headers: { colour: 'red' } });
        const arrived = new Promise((resolve) => channel.consume(queue, resolve, { noAck: true }));
        assert.equal((await arrived).content.toString(), 'red');
        assert.equal((await channel.purgeQueue(queue)).messageCount, 0);
    },

    async errors(connection) {
        const channel = await connection.createChannel();
        const closed = once(channel, 'error');
        await assert.rejects(channel.checkQueue(name), /NOT_FOUND/);
        assert.equal((await closed)[0].code, 404);
        const again = await connection.createChannel();
        again.on('error', () => {});
        await again.assertQueue(name, { durable: true });
        await assert.rejects(again.assertQueue(name, { durable: false }), /PRECONDITION_FAILED/);
        await (await connection.createChannel()).deleteQueue(name);
    },

    async 'get-and-give-back'(connection) {
        const channel = await connection.createConfirmChannel();
        await channel.assertQueue(`${name}-dead`, { exclusive: true });
        await channel.assertQueue(name, { exclusive: true, deadLetterExchange: '', deadLetterRoutingKey: `${name}-dead`, maxPriority: 5 });
        assert.equal(await channel.get(name), false);
        for (const priority of [1, 5]) channel.sendToQueue(name, Buffer.from(String(priority)), { priority });
        await channel.waitForConfirms();
        const first = await channel.get(name);
        assert.deepEqual([first.content.toString(), first.fields.messageCount, first.fields.redelivered], ['5', 1, false]);
        channel.nack(first);
        const again = await channel.get(name);
        assert.deepEqual([again.content.toString(), again.fields.redelivered], ['5', true]);
        channel.reject(again, false);
        const dead = await new Promise((resolve) => channel.consume(`${name}-dead`, resolve, { noAck: true }));
        const [death] = dead.properties.headers['x-death'];
        assert.deepEqual([dead.content.toString(), death.queue, death.reason, death.count, death['routing-keys']], ['5', name, 'rejected', 1, [name]]);
        await channel.get(name);
        channel.nackAll();
        assert.equal((await channel.checkQueue(name)).messageCount, 1);
        await channel.recover();
    },

    async 'alternate-exchange'(connection) {
        const channel = await connection.createConfirmChannel();
        await channel.assertExchange(`${name}-rest`, 'fanout', { autoDelete: true });
        await channel.assertExchange(name, 'direct', { autoDelete: true, alternateExchange: `${name}-rest` });
        const [known, rest] = await Promise.all(['known', 'rest'].map(() => channel.assertQueue('', { exclusive: true })));
        await channel.bindQueue(known.queue, name, 'known');
        await channel.bindQueue(rest.queue, `${name}-rest`, '');
        let returned = 0;
        channel.on('return', () => returned++);
        for (const key of ['known', 'unknown']) channel.publish(name, key, Buffer.from(key), { mandatory: true });
        await channel.waitForConfirms();
        assert.equal((await channel.get(known.queue)).content.toString(), 'known');
        assert.equal((await channel.get(rest.queue)).content.toString(), 'unknown');
        assert.equal(returned, 0);
    },

    async 'refused-publish'(connection) {
        const channel = await connection.createConfirmChannel();
        await channel.assertQueue(name, { exclusive: true, maxLength: 1, overflow: 'reject-publish' });
        const publish = () => new Promise((resolve) => channel.sendToQueue(name, Buffer.from('x'), {}, (error) => resolve(error === null)));
        assert.deepEqual([await publish(), await publish()], [true, false]);
    },

    async 'cancelled-by-the-server'(connection) {
        const channel = await connection.createChannel();
        await channel.assertQueue(name);
        const cancelled = new Promise((resolve) => channel.consume(name, resolve));
        await (await connection.createChannel()).deleteQueue(name);
        assert.equal(await cancelled, null);
    },

    async 'mandatory-and-requests'(connection) {
        const channel = await connection.createConfirmChannel();
        const returned = once(channel, 'return');
        await new Promise((resolve) => channel.publish('', name, Buffer.from('lost'), { mandatory: true }, resolve));
        assert.equal((await returned)[0].fields.replyCode, 312);
        await channel.assertQueue(name, { exclusive: true });
        const answer = new Promise((resolve) => channel.consume('amq.rabbitmq.reply-to', resolve, { noAck: true }));
        await channel.consume(name, (question) => {
            channel.sendToQueue(question.properties.replyTo, Buffer.from('21.5'), { correlationId: question.properties.correlationId });
            channel.ack(question);
        });
        channel.sendToQueue(name, Buffer.from('how warm?'), { replyTo: 'amq.rabbitmq.reply-to', correlationId: '1' });
        const { content, properties } = await answer;
        assert.deepEqual([content.toString(), properties.correlationId], ['21.5', '1']);
    },
};

setTimeout(() => { console.error('timed out'); process.exit(2); }, 30000).unref();
// A client certificate, where the server wants one.
const { CLIENT_CERT, CLIENT_KEY } = process.env;
const identity = CLIENT_CERT ? { cert: fs.readFileSync(CLIENT_CERT), key: fs.readFileSync(CLIENT_KEY) } : {};
amqp.connect(url, identity)
    .then(async (connection) => { await scenarios[scenario](connection); await connection.close(); })
    .then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
