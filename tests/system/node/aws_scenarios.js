// The MQTT 5 client of AWS, a C library below Node.js: node aws_scenarios.js SCENARIO HOST PORT NAME [AUTHORITY]. Exits with 0 if
// everything was as it should be.
'use strict';
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { io, mqtt5 } = require('aws-crt');

const [scenario, hostName, port, name, authority] = process.argv.slice(2);

function client(clientId, options = {}) {
    let tlsCtx;
    if (authority) {
        const tls = new io.TlsContextOptions();
        tls.override_default_trust_store_from_path(undefined, authority);
        tls.verify_peer = true;
        tlsCtx = new io.ClientTlsContext(tls);
    }
    const { connectProperties, ...rest } = options;
    const made = new mqtt5.Mqtt5Client({
        hostName, port: Number(port), tlsCtx, disableMetrics: true, minReconnectDelayMs: 100, maxReconnectDelayMs: 500, ...rest,
        connectProperties: { clientId, keepAliveIntervalSeconds: 30, ...connectProperties },
    });
    made.on('error', (error) => { throw error; });
    return made;
}

async function start(made) {
    const connected = once(made, 'connectionSuccess');
    made.start();
    return (await connected)[0];
}

async function stop(made) {
    const stopped = once(made, 'stopped');
    made.stop({ reasonCode: mqtt5.DisconnectReasonCode.NormalDisconnection });
    await stopped;
    made.close();
}

/** The next `count` messages. */
const collect = (made, count) => new Promise((resolve) => {
    const got = [];
    made.on('messageReceived', ({ message }) => {
        got.push({ ...message, text: Buffer.from(message.payload ?? '').toString() });
        if (got.length === count) resolve(got);
    });
});

const scenarios = {
    async properties() {
        const one = client(name, { connectProperties: { receiveMaximum: 10, maximumPacketSizeBytes: 100000, requestResponseInformation: true } });
        const { connack } = await start(one);
        assert.equal(connack.sessionPresent, false);
        const suback = await one.subscribe({
            subscriptions: [{ topicFilter: `${name}/#`, qos: mqtt5.QoS.AtLeastOnce, retainAsPublished: true }], subscriptionIdentifier: 9,
        });
        assert.deepEqual(suback.reasonCodes, [mqtt5.SubackReasonCode.GrantedQoS1]);
        const got = collect(one, 1);
        const puback = await one.publish({
            topicName: `${name}/a`, qos: mqtt5.QoS.AtLeastOnce, payload: '21.5', retain: true, contentType: 'text/plain', messageExpiryIntervalSeconds: 60,
            payloadFormat: mqtt5.PayloadFormatIndicator.Utf8, responseTopic: `${name}/answer`, correlationData: Buffer.from('c-1'),
            userProperties: [{ name: 'room', value: 'kitchen' }, { name: 'room', value: 'hall' }],
        });
        assert.equal(puback.reasonCode, mqtt5.PubackReasonCode.Success);
        const [message] = await got;
        assert.deepEqual([message.text, message.contentType, message.responseTopic, message.retain], ['21.5', 'text/plain', `${name}/answer`, true]);
        assert.deepEqual(message.userProperties.map(({ value }) => value), ['kitchen', 'hall']);
        assert.deepEqual([...message.subscriptionIdentifiers], [9]);
        assert.equal(Buffer.from(message.correlationData).toString(), 'c-1');
        const unsuback = await one.unsubscribe({ topicFilters: [`${name}/#`, `${name}/never`] });
        assert.deepEqual(unsuback.reasonCodes, [mqtt5.UnsubackReasonCode.Success, mqtt5.UnsubackReasonCode.NoSubscriptionExisted]);
        await stop(one);
    },

    /** Both sides use topic aliases: the client chooses them by least use, with more topics than aliases. */
    async aliases() {
        const { LRU } = mqtt5.OutboundTopicAliasBehaviorType;
        const one = client(name, {
            topicAliasingOptions: { outboundBehavior: LRU, outboundCacheMaxSize: 5, inboundBehavior: mqtt5.InboundTopicAliasBehaviorType.Enabled, inboundCacheMaxSize: 5 },
        });
        const { connack } = await start(one);
        assert.ok(connack.topicAliasMaximum > 0);
        await one.subscribe({ subscriptions: [{ topicFilter: `${name}/#`, qos: mqtt5.QoS.AtLeastOnce }] });
        const got = collect(one, 200);
        const topics = Array.from({ length: 200 }, (_, number) => `${name}/${(number * number) % 8}`);
        await Promise.all(topics.map((topicName, number) => one.publish({ topicName, qos: mqtt5.QoS.AtLeastOnce, payload: String(number) })));
        assert.deepEqual((await got).map(({ topicName, text }) => [topicName, text]), topics.map((topic, number) => [topic, String(number)]));
        await stop(one);
    },

    async session() {
        const options = { sessionBehavior: mqtt5.ClientSessionBehavior.RejoinAlways, connectProperties: { sessionExpiryIntervalSeconds: 60 } };
        const first = client(name, options);
        await start(first);
        await first.subscribe({ subscriptions: [{ topicFilter: name, qos: mqtt5.QoS.AtLeastOnce }] });
        await stop(first);
        const other = client(`${name}-other`);
        await start(other);
        for (let number = 0; number < 50; number++) await other.publish({ topicName: name, qos: mqtt5.QoS.AtLeastOnce, payload: String(number) });
        await stop(other);
        const again = client(name, options);
        const got = collect(again, 50);
        assert.equal((await start(again)).connack.sessionPresent, true);
        assert.deepEqual((await got).map(({ text }) => Number(text)), Array.from({ length: 50 }, (_, number) => number));
        await stop(again);
    },
};

setTimeout(() => { console.error('timed out'); process.exit(2); }, 30000).unref();
scenarios[scenario]().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
