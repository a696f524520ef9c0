// What the pages do: page.html?number=N&scenario=NAME&arguments=JSON plays one scenario, reports what it returned, and goes where it is told next.
'use strict';

const text = (bytes) => new TextDecoder().decode(bytes);
const open = ({ url, ...options }) => mqtt.connectAsync(url, { reconnectPeriod: 0, connectTimeout: 10000, ...options });
const seen = (topic, payload, packet) => ({
    topic, payload: payload.length > 1000 ? payload.length : text(payload), qos: packet.qos, retain: packet.retain,
});

/** The first `count` messages; start it before they can come. */
function collect(client, count, view = seen) {
    return new Promise((resolve) => {
        const got = [];
        client.on('message', (...message) => {
            got.push(view(...message));
            if (got.length === count) resolve(got);
        });
    });
}

const event = (source, name) => new Promise((resolve) => source.addEventListener(name, resolve, { once: true }));

function random_bytes(size) {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    return bytes;
}

const scenarios = {
    async nothing() {},

    /** Subscribes, publishes with every QoS, says that it is ready, and tells what came: three of its own, `others` of somebody else's. */
    async talk({ name, others, ...options }) {
        const client = await open(options);
        const got = collect(client, 3 + others);
        await client.subscribeAsync(`${name}/#`, { qos: 2 });
        for (const qos of [0, 1, 2]) await client.publishAsync(`${name}/own`, `own ${qos}`, { qos });
        await client.publishAsync(`ready/${name}`, 'ready', { qos: 1 });
        const messages = await got;
        await client.endAsync();
        return messages;
    },

    async 'stay-with-a-will'({ name, ...options }) {
        const properties = options.protocolVersion === 5 ? { contentType: 'text/plain', userProperties: { why: 'closed' } } : undefined;
        await open({ ...options, will: { topic: `${name}/will`, payload: 'the page is gone', qos: 1, retain: true, properties } });
        return 'open';
    },

    /** Comes back to a session that has waited for it. */
    async 'come-back'({ name, qos, count, ...options }) {
        const session = { ...options, clientId: name, clean: false };
        const first = await open(session);
        await first.subscribeAsync(`${name}/#`, { qos: 2 });
        await first.endAsync();
        const helper = await open({ ...options, clientId: `${name}-helper` });
        const waiting = Array.from({ length: count }, (_, number) => helper.publishAsync(`${name}/n`, String(number), { qos }));
        await Promise.all(waiting);
        await helper.endAsync();
        const again = mqtt.connect(options.url, { ...session, reconnectPeriod: 0 });
        const got = collect(again, count);
        const connack = await new Promise((resolve) => again.once('connect', resolve));
        const payloads = (await got).map((message) => Number(message.payload));
        await again.endAsync();
        return { present: connack.sessionPresent, payloads };
    },

    /** A large message and its way back, compared byte by byte. */
    async large({ name, size, ...options }) {
        const client = await open(options);
        const bytes = random_bytes(size);
        const got = collect(client, 1, (_topic, payload) => payload);
        await client.subscribeAsync(name, { qos: 1 });
        await client.publishAsync(name, bytes, { qos: 1 });
        const [back] = await got;
        await client.endAsync();
        return back.length === size && back.every((byte, at) => byte === bytes[at]);
    },

    async burst({ name, count, ...options }) {
        const client = await open(options);
        const got = collect(client, count);
        await client.subscribeAsync(name, { qos: 2 });
        await Promise.all(Array.from({ length: count }, (_, number) => client.publishAsync(name, String(number), { qos: 2 })));
        const payloads = (await got).map((message) => Number(message.payload));
        await client.endAsync();
        return payloads;
    },

    /** What only MQTT 5 has; the page asks, the test answers. */
    async request({ name, ...options }) {
        const client = mqtt.connect(options.url, { ...options, clientId: '', protocolVersion: 5, reconnectPeriod: 0 });
        const connack = await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject));
        await client.subscribeAsync(`${name}/answer`, { qos: 1, properties: { subscriptionIdentifier: 17 } });
        const got = collect(client, 1, (_topic, payload, packet) => ({
            payload: text(payload), correlation: text(packet.properties.correlationData), identifier: packet.properties.subscriptionIdentifier,
            user: { ...packet.properties.userProperties },
        }));
        await client.publishAsync(`${name}/question`, 'how warm?', {
            qos: 1,
            properties: { responseTopic: `${name}/answer`, correlationData: new TextEncoder().encode('c-1'), contentType: 'text/plain',
                          messageExpiryInterval: 60, payloadFormatIndicator: true, userProperties: { room: ['kitchen', 'hall'] } },
        });
        const [answer] = await got;
        await client.endAsync();
        return { ...answer, assigned: connack.properties.assignedClientIdentifier };
    },

    /** Lives through whatever happens to the server: counts what it publishes and gets, until it is told to end. */
    async persist({ name, ...options }) {
        const client = await open({ ...options, clientId: name, clean: false, reconnectPeriod: 100, properties: { sessionExpiryInterval: 3600 } });
        const connections = [];
        client.on('connect', (connack) => connections.push(connack.sessionPresent));
        const got = [];
        const told = new Promise((resolve) => client.on('message', (topic, payload) => {
            if (topic.endsWith('/end')) resolve();
            else got.push(text(payload));
        }));
        await client.subscribeAsync([`${name}/in`, `${name}/end`], { qos: 2 });
        client.once('close', () => client.publish(`${name}/out`, 'after', { qos: 2 }));
        client.publish(`${name}/out`, 'before', { qos: 2 });
        await told;
        await client.endAsync();
        return { connections, got };
    },

    /** Paho's client, which knows 3.1 and 3.1.1. */
    async paho({ url, name, mqttVersion }) {
        const client = new Paho.Client(url, `${name}p`.slice(-23));
        client.onConnectionLost = ({ errorCode, errorMessage }) => errorCode && console.error(errorMessage);
        await new Promise((resolve, reject) => client.connect({ mqttVersion, mqttVersionExplicit: true, onSuccess: resolve, onFailure: reject }));
        await new Promise((resolve, reject) => client.subscribe(`${name}/+`, { qos: 2, onSuccess: resolve, onFailure: reject }));
        const messages = [];
        const all = new Promise((resolve) => {
            client.onMessageArrived = (message) => {
                messages.push({ payload: message.payloadString, qos: message.qos });
                if (messages.length === 3) resolve();
            };
        });
        for (const qos of [0, 1, 2]) client.send(`${name}/${qos}`, `päho ${qos}`, qos, false);
        await all;
        client.disconnect();
        return messages;
    },

    /** An AMQP application that hears what it publishes. */
    async amqp({ url, name }) {
        const { AMQPWebSocketClient } = await import('/amqp.mjs');
        const client = new AMQPWebSocketClient(url, '/', 'guest', 'guest');
        await client.connect();
        const channel = await client.channel();
        await channel.confirmSelect();
        await channel.queueDeclare(name, { durable: false, autoDelete: true });
        const all = new Promise((resolve) => {
            const got = [];
            channel.basicConsume(name, { noAck: true }, (message) => {
                got.push(message.bodyString());
                if (got.length === 3) resolve(got);
            });
        });
        for (const body of ['first', 'second', 'third']) await channel.basicPublish('', name, body);
        const got = await all;
        await client.close();
        return got;
    },

    /** The bare WebSocket: which subprotocol was agreed, or how it ended. */
    async socket({ url, protocols, say }) {
        const socket = new WebSocket(url, protocols);
        const opened = event(socket, 'open').then(() => 'open');
        const closed = event(socket, 'close').then(({ code, wasClean }) => ({ code, clean: wasClean }));
        if (await Promise.race([opened, closed.then(() => 'closed')]) === 'closed') return { open: false };
        const { protocol, extensions } = socket;
        if (say === undefined) socket.close();
        else socket.send(say);
        return { open: true, protocol, extensions: extensions || 'none', ...await closed };
    },
};

async function play() {
    const query = new URLSearchParams(location.search);
    if (!query.has('scenario')) return;
    const report = { number: Number(query.get('number')) };
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('timed out')), 30000));
    try {
        const answer = await Promise.race([late, scenarios[query.get('scenario')](JSON.parse(query.get('arguments')))]);
        report.answer = answer === undefined ? null : answer;
    } catch (error) {
        report.error = String((error && error.stack) || (error && error.errorMessage) || error);
    }
    await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
}

play().then(async () => location.replace(await (await fetch('/next')).text()));
