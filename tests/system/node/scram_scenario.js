// MQTT.js logs in by SCRAM-SHA-256 and does so again: node scram_scenario.js URL USER PASSWORD. Exits with 0 if the server proved
// itself each time, with 3 if it refused.
'use strict';
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { once } = require('node:events');
const mqtt = require('mqtt');

const [url, user, password] = process.argv.slice(2);
const method = 'SCRAM-SHA-256';
const hmac = (key, text) => crypto.createHmac('sha256', key).update(text).digest();

/** The client's side of RFC 7677. */
class Scram {
    constructor() {
        this.nonce = crypto.randomBytes(18).toString('base64');
        this.bare = `n=${user},r=${this.nonce}`;
    }
    first() {
        return Buffer.from(`n,,${this.bare}`);
    }
    final(challenge) {
        const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(challenge);
        assert.ok(nonce.startsWith(this.nonce) && nonce.length > this.nonce.length);
        const salted = crypto.pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
        const key = hmac(salted, 'Client Key');
        const withoutProof = `c=biws,r=${nonce}`;
        const signed = [this.bare, challenge, withoutProof].join();
        const signature = hmac(crypto.createHash('sha256').update(key).digest(), signed);
        this.expected = `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`;
        return Buffer.from(`${withoutProof},p=${Buffer.from(key.map((byte, at) => byte ^ signature[at])).toString('base64')}`);
    }
    check(verdict) {
        assert.equal(verdict.toString(), this.expected);
    }
}

async function main() {
    let exchange = new Scram();
    const properties = { authenticationMethod: method, authenticationData: exchange.first() };
    const client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 0, properties, manualConnect: true });
    client.handleAuth = (packet, answer) => {
        if (packet.reasonCode === 0) return client.emit('again', packet);
        const authenticationData = exchange.final(packet.properties.authenticationData.toString());
        return answer(null, { cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: method, authenticationData } });
    };
    client.on('error', (error) => process.exit(error.code === 0x87 ? 3 : 1));
    client.connect();
    const [connack] = await once(client, 'connect');
    exchange.check(connack.properties.authenticationData);

    await client.subscribeAsync('scram/#', { qos: 1 });
    for (let round = 0; round < 3; round++) {
        exchange = new Scram();
        const proven = once(client, 'again');
        const got = once(client, 'message');
        client._sendPacket({ cmd: 'auth', reasonCode: 0x19, properties: { authenticationMethod: method, authenticationData: exchange.first() } });
        await client.publishAsync('scram/meanwhile', String(round), { qos: 1 });
        exchange.check((await proven)[0].properties.authenticationData);
        assert.equal((await got)[1].toString(), String(round));
    }
    await client.endAsync();
}

setTimeout(() => { console.error('timed out'); process.exit(2); }, 30000).unref();
main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
