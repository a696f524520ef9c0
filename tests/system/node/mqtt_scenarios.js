// MQTT.js against a server: node mqtt_scenarios.js SCENARIO URL NAME. Exits with 0 if everything was as it should be.
'use strict';
const assert = require('node:assert/strict');
const { once } = require('node:events');
const mqtt = require('mqtt');

const [scenario, url, name] = process.argv.slice(2);
const connect = (options = {}) => mqtt.connectAsync(url, { reconnectPeriod: 0, connectTimeout: 10000, ...options });

/** The next `count` messages as [topic, text, packet]; start it before publishing. */
async function messages(client, count) {
    const got = [];
    while (got.length < count) {
        const [topic, payload, packet] = await once(client, 'message');
        got.push([topic, payload.toString(), packet]);
    }
    return got;
}

/** Like messages(), for many at once: `once` could miss those that arrive together. */
function collect(client, count) {
    return new Promise((resolve) => {
        const got = [];
        client.on('message', (topic, payload, packet) => {
            got.push([topic, payload.toString(), packet]);
            if (got.length === count) resolve(got);
        });
    });
}

const scenarios = {
    async 'every-qos'() {
        for (const protocolVersion of [3, 4, 5]) {
            const client = await connect(protocolVersion === 3 ? { protocolVersion, protocolId: 'MQIsdp' } : { protocolVersion });
            const granted = await client.subscribeAsync(`${name}/+`, { qos: 2 });
            assert.equal(granted[0].qos, 2);
            const got = collect(client, 3);
            for (const qos of [0, 1, 2]) await client.publishAsync(`${name}/${qos}`, `hello ${qos}`, { qos });
            const expected = [0, 1, 2].map((qos) => [`${name}/${qos}`, `hello ${qos}`, qos]);
            assert.deepEqual((await got).map(([topic, text, packet]) => [topic, text, packet.qos]).sort(), expected);
            await client.endAsync();
        }
    },

    async properties() {
        const client = await connect({ protocolVersion: 5 });
        await client.subscribeAsync(name, { qos: 1, properties: { subscriptionIdentifier: 42 } });
        const got = messages(client, 1);
        await client.publishAsync(name, '21.5', {
            qos: 1,
            properties: { contentType: 'text/plain', userProperties: { room: ['kitchen', 'hall'] }, correlationData: Buffer.from([1, 2]) },
        });
        const [[, text, packet]] = await got;
        assert.equal(text, '21.5');
        assert.equal(packet.properties.contentType, 'text/plain');
        assert.deepEqual([...packet.properties.userProperties.room], ['kitchen', 'hall']);
        assert.deepEqual(packet.properties.correlationData, Buffer.from([1, 2]));
        assert.equal(packet.properties.subscriptionIdentifier, 42);
        await client.endAsync();
    },

    /** In both directions, with more topics than aliases. */
    async aliases() {
        const client = await connect({ protocolVersion: 5, autoAssignTopicAlias: true, properties: { topicAliasMaximum: 5 } });
        await client.subscribeAsync(`${name}/#`, { qos: 2 });
        const got = collect(client, 300);
        const topics = Array.from({ length: 300 }, (_, number) => `${name}/${(number * number) % 8}`);
        await Promise.all(topics.map((topic, number) => client.publishAsync(topic, String(number), { qos: 1 })));
        assert.deepEqual((await got).map(([topic, text]) => [topic, text]), topics.map((topic, number) => [topic, String(number)]));
        await client.endAsync();
    },

    async 'receive-maximum'() {
        const client = await connect({ protocolVersion: 5, properties: { receiveMaximum: 1 } });
        await client.subscribeAsync(name, { qos: 2 });
        const other = await connect();
        const got = collect(client, 100);
        await Promise.all(Array.from({ length: 100 }, (_, number) => other.publishAsync(name, String(number), { qos: 2 })));
        assert.deepEqual((await got).map(([, text]) => Number(text)), Array.from({ length: 100 }, (_, number) => number));
        await Promise.all([client.endAsync(), other.endAsync()]);
    },

    async session() {
        const options = { clientId: name, clean: false, protocolVersion: 5, properties: { sessionExpiryInterval: 3600 } };
        const first = await connect(options);
        await first.subscribeAsync(`${name}/#`, { qos: 1 });
        await first.endAsync();
        const other = await connect();
        for (let number = 0; number < 100; number++) await other.publishAsync(`${name}/n`, String(number), { qos: 1 });
        await other.endAsync();
        const again = mqtt.connect(url, { ...options, reconnectPeriod: 0 });
        const got = collect(again, 100);
        const [connack] = await once(again, 'connect');
        assert.equal(connack.sessionPresent, true);
        assert.deepEqual((await got).map(([, text]) => Number(text)), Array.from({ length: 100 }, (_, number) => number));
        await again.endAsync();
    },

    /** Over a WebSocket whose server compresses. */
    async compressed() {
        const wsOptions = { perMessageDeflate: { threshold: 100 } };
        const probe = new (require('ws'))(url, 'mqtt', wsOptions);
        await once(probe, 'open');
        assert.equal(probe.extensions, 'permessage-deflate');
        probe.terminate();
        const client = await connect({ wsOptions, protocolVersion: 5 });
        await client.subscribeAsync(`${name}/#`, { qos: 1 });
        const texts = ['small', 'again and again '.repeat(20000), require('node:crypto').randomBytes(100000).toString('latin1')];
        const got = collect(client, texts.length);
        for (const text of texts) await client.publishAsync(`${name}/t`, text, { qos: 1 });
        assert.deepEqual((await got).map(([, text]) => text), texts);
        await client.endAsync();
    },

    async 'retained-and-will'() {
        const watcher = await connect();
        await watcher.subscribeAsync(`${name}/#`, { qos: 1 });
        const got = messages(watcher, 1);
        const device = await connect({ will: { topic: `${name}/status`, payload: 'lost', qos: 1, retain: true } });
        device.stream.destroy();
        const [[topic, text]] = await got;
        assert.deepEqual([topic, text], [`${name}/status`, 'lost']);
        const late = await connect();
        const kept = messages(late, 1);
        await late.subscribeAsync(`${name}/status`, { qos: 1 });
        assert.equal((await kept)[0][2].retain, true);
        await Promise.all([late.endAsync(), watcher.endAsync()]);
    },
};

setTimeout(() => { console.error('timed out'); process.exit(2); }, 30000).unref();
scenarios[scenario]().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
