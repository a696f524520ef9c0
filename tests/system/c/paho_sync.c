// Paho's synchronous API: paho_sync URL VERSION CLIENT AUTHORITY TOPIC. Connects, subscribes, hears what it has published with
// each QoS, unsubscribes and leaves; exits with 0 if all was as it should be. AUTHORITY: file of certificates, or "".
#include <MQTTClient.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { patience_ms = 20000 };

static MQTTClient client;
static int version;

static void check(const char* what, int good) {
    if (good) return;
    fprintf(stderr, "not as it should be: %s\n", what);
    exit(1);
}

static void connect_to(const char* authority) {
    MQTTClient_connectOptions options5 = MQTTClient_connectOptions_initializer5, options3 = MQTTClient_connectOptions_initializer;
    MQTTClient_connectOptions* options = version == MQTTVERSION_5 ? &options5 : &options3;
    MQTTClient_SSLOptions tls = MQTTClient_SSLOptions_initializer;
    options->MQTTVersion = version;
    if (*authority) {
        tls.trustStore = authority;
        tls.verify = 1;
        options->ssl = &tls;
    }
    if (version != MQTTVERSION_5) {
        check("connect", MQTTClient_connect(client, options) == MQTTCLIENT_SUCCESS);
        return;
    }
    MQTTResponse response = MQTTClient_connect5(client, options, NULL, NULL);
    check("connect", response.reasonCode == MQTTREASONCODE_SUCCESS);
    MQTTResponse_free(response);
}

static void subscribe(const char* topic) {
    if (version != MQTTVERSION_5) {
        check("subscribe", MQTTClient_subscribe(client, topic, 2) == MQTTCLIENT_SUCCESS);
        return;
    }
    MQTTSubscribe_options options = MQTTSubscribe_options_initializer;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty identifier = {.identifier = MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER, .value.integer4 = 268435455};
    MQTTProperties_add(&properties, &identifier);
    MQTTResponse response = MQTTClient_subscribe5(client, topic, 2, &options, &properties);
    check("subscribe", response.reasonCode == MQTTREASONCODE_GRANTED_QOS_2);
    MQTTResponse_free(response);
    MQTTProperties_free(&properties);
}

static void publish(const char* topic, int qos) {
    char text[16];
    MQTTClient_message message = MQTTClient_message_initializer;
    MQTTProperty room = {.identifier = MQTTPROPERTY_CODE_USER_PROPERTY,
                         .value = {.data = {4, "room"}, .value = {7, "kitchen"}}};
    MQTTClient_deliveryToken token = 0;
    message.payload = text;
    message.payloadlen = snprintf(text, sizeof text, "hello %d", qos);
    message.qos = qos;
    if (version == MQTTVERSION_5) {
        MQTTProperties_add(&message.properties, &room);
        MQTTResponse response = MQTTClient_publishMessage5(client, topic, &message, &token);
        check("publish", response.reasonCode == MQTTREASONCODE_SUCCESS);
        MQTTResponse_free(response);
    } else {
        check("publish", MQTTClient_publishMessage(client, topic, &message, &token) == MQTTCLIENT_SUCCESS);
    }
    check("delivery", MQTTClient_waitForCompletion(client, token, patience_ms) == MQTTCLIENT_SUCCESS);
    MQTTProperties_free(&message.properties);
}

static void receive(const char* topic, int qos) {
    char expected[16];
    const int length = snprintf(expected, sizeof expected, "hello %d", qos);
    char* name = NULL;
    int name_length = 0;
    MQTTClient_message* message = NULL;
    const int status = MQTTClient_receive(client, &name, &name_length, &message, patience_ms);
    check("receive", (status == MQTTCLIENT_SUCCESS || status == MQTTCLIENT_TOPICNAME_TRUNCATED) && message);
    check("topic", strcmp(name, topic) == 0);
    check("payload", message->payloadlen == length && memcmp(message->payload, expected, (size_t)length) == 0);
    check("QoS", message->qos == qos && !message->dup && !message->retained);
    if (version == MQTTVERSION_5) {
        MQTTProperty* room = MQTTProperties_getProperty(&message->properties, MQTTPROPERTY_CODE_USER_PROPERTY);
        check("user property", room && room->value.value.len == 7 && memcmp(room->value.value.data, "kitchen", 7) == 0);
        check("subscription identifier",
              MQTTProperties_getNumericValue(&message->properties, MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER) == 268435455);
    }
    MQTTClient_freeMessage(&message);
    MQTTClient_free(name);
}

int main(int count, char** arguments) {
    if (count != 6) return 2;
    const char* topic = arguments[5];
    version = strcmp(arguments[2], "5") == 0 ? MQTTVERSION_5 : strcmp(arguments[2], "31") == 0 ? MQTTVERSION_3_1 : MQTTVERSION_3_1_1;
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    options.MQTTVersion = version;
    check("create", MQTTClient_createWithOptions(&client, arguments[1], arguments[3], MQTTCLIENT_PERSISTENCE_NONE, NULL, &options) == MQTTCLIENT_SUCCESS);
    connect_to(arguments[4]);
    subscribe(topic);
    for (int qos = 0; qos <= 2; ++qos) {
        publish(topic, qos);
        receive(topic, qos);
    }
    if (version == MQTTVERSION_5) {
        MQTTResponse response = MQTTClient_unsubscribe5(client, topic, NULL);
        check("unsubscribe", response.reasonCode == MQTTREASONCODE_SUCCESS);
        MQTTResponse_free(response);
        check("disconnect", MQTTClient_disconnect5(client, 1000, MQTTREASONCODE_SUCCESS, NULL) == MQTTCLIENT_SUCCESS);
    } else {
        check("unsubscribe", MQTTClient_unsubscribe(client, topic) == MQTTCLIENT_SUCCESS);
        check("disconnect", MQTTClient_disconnect(client, 1000) == MQTTCLIENT_SUCCESS);
    }
    MQTTClient_destroy(&client);
    return 0;
}
