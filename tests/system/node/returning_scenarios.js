// Clients that come back by themselves: node returning_scenarios.js CLIENT URL NAME. Says "got X" for what it consumes, and publishes each line
// of its standard input until the server has confirmed it.
'use strict';
const readline = require('node:readline');
const manager = require('amqp-connection-manager');
const { Connection } = require('rabbitmq-client');

const [client, url, name] = process.argv.slice(2);
const got = (body) => console.log(`got ${body}`);

const clients = {
    'amqp-connection-manager'() {
        const connection = manager.connect([url], { reconnectTimeInSeconds: 0.2 });
        const channel = connection.createChannel({ setup: async (channel) => {
            await channel.assertExchange(name, 'topic', { durable: true });
            await channel.assertQueue(name, { durable: true });
            await channel.bindQueue(name, name, '#');
            await channel.consume(name, (message) => { got(message.content); channel.ack(message); });
            console.log('consuming');
        } });
        return (text) => channel.publish(name, 'a.b', text, { persistent: true });
    },

    'rabbitmq-client'() {
        const connection = new Connection({ url, retryLow: 100 });
        connection.on('error', (error) => console.log(`error ${error.message}`));
        const consumer = connection.createConsumer({ queue: name, queueOptions: { durable: true }, exchanges: [{ exchange: name, type: 'topic', durable: true }],
            queueBindings: [{ exchange: name, routingKey: '#' }], qos: { prefetchCount: 2 } }, async (message) => got(message.body));
        consumer.on('ready', () => console.log('consuming'));
        consumer.on('error', (error) => console.log(`error ${error.message}`));
        const publisher = connection.createPublisher({ confirm: true, maxAttempts: 20 });
        return (text) => publisher.send({ exchange: name, routingKey: 'a.b', durable: true }, text);
    },
};

const publish = clients[client]();
readline.createInterface({ input: process.stdin }).on('line', (line) => publish(line).then(() => console.log(`sent ${line}`)));
