"""Node-RED with flows that answer messages: no editor, no port, nothing kept but in its own folder."""

import json
import pathlib

from .process import Process

PROGRAM = pathlib.Path(__file__).parents[1] / "node/node_modules/node-red/red.js"

SETTINGS = """module.exports = {
    httpAdminRoot: false, httpNodeRoot: false, flowFile: 'flows.json', credentialSecret: false, mqttReconnectTime: 200,
    telemetry: { enabled: false }, externalModules: { autoInstall: false, palette: { allowInstall: false } },
};
"""

# Answers PREFIX/in/X on PREFIX/out/X, or where the message says, in capitals.
ANSWER = """
const answer = { payload: msg.payload.toUpperCase(), qos: msg.qos, topic: msg.responseTopic || msg.topic.replace('/in/', '/out/') };
if (msg.correlationData) answer.correlationData = msg.correlationData;
if (msg.contentType) answer.contentType = msg.contentType;
if (msg.userProperties) answer.userProperties = { ...msg.userProperties, by: 'a flow' };
return answer;
"""


def flow(prefix, url, version, authority=None):
    """A broker and what it is connected with; its state is retained at PREFIX/state."""
    broker, tls, function, out = (f"{prefix}-{part}" for part in ("broker", "tls", "function", "out"))
    host, port = url.rsplit(":", 1)
    connection = {"broker": url, "port": ""} if url.startswith("ws") else {"broker": host.split("//")[1], "port": port}
    state = {f"{moment}{key}": value for moment, payload in (("birth", "here"), ("close", "left"), ("will", "lost"))
             for key, value in (("Topic", f"{prefix}/state"), ("Payload", payload), ("Qos", "1"), ("Retain", "true"), ("Msg", {}))}
    nodes = [
        {"id": prefix, "type": "tab", "label": prefix},
        {"id": broker, "type": "mqtt-broker", **connection, "clientid": prefix, "autoConnect": True, "usetls": authority is not None, "tls": tls,
         "protocolVersion": str(version), "keepalive": "60", "cleansession": False, "autoUnsubscribe": False, "sessionExpiry": "3600", **state},
        {"id": f"{prefix}-in", "z": prefix, "type": "mqtt in", "broker": broker, "topic": f"{prefix}/in/#", "qos": "2", "datatype": "utf8",
         "nl": False, "rap": True, "rh": 0, "inputs": 0, "wires": [[function]]},
        {"id": function, "z": prefix, "type": "function", "func": ANSWER, "outputs": 1, "wires": [[out]]},
        {"id": out, "z": prefix, "type": "mqtt out", "broker": broker, "topic": "", "qos": "", "retain": "", "wires": []}]
    if authority:
        nodes.append({"id": tls, "type": "tls-config", "certType": "files", "cert": "", "key": "", "ca": str(authority), "verifyservercert": True})
    return nodes


class NodeRed(Process):
    def __init__(self, folder, flows):
        folder.mkdir()
        settings = folder / "settings.js"
        settings.write_text(SETTINGS)
        (folder / "flows.json").write_text(json.dumps([node for one in flows for node in one]))
        super().__init__(["node", PROGRAM, "--userDir", folder, "--settings", settings])
        self.wait_for_line("Started flows", timeout=60)
