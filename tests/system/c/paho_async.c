// Paho's asynchronous API, with its messages in files, as a device that must not lose any would use it.
//
//   paho_async publish   URL VERSION CLIENT FOLDER AUTHORITY TOPIC FIRST LAST PARTS   numbers, QoS 2, each part but the first once the
//                        connection is lost; says "queued N" and "arrived N", ends when all have arrived
//   paho_async subscribe URL VERSION CLIENT FOLDER AUTHORITY TOPIC COUNT        says "subscribed", then what comes, ends after COUNT
//
// Both come back by themselves when the connection breaks, to the session that they had. AUTHORITY: file of certificates, or "".
#include <MQTTAsync.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static MQTTAsync client;
static const char* topic;
static int version;
static int subscribing;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static long done, lost;

static void fail(const char* what, int code) {
    fprintf(stderr, "%s: %d\n", what, code);
    _exit(1);
}

static void check(const char* what, int code) {
    if (code != MQTTASYNC_SUCCESS) fail(what, code);
}

static void count_one(void) {
    pthread_mutex_lock(&mutex);
    ++done;
    pthread_cond_signal(&news);
    pthread_mutex_unlock(&mutex);
}

static void wait_for(long count) {
    pthread_mutex_lock(&mutex);
    while (done < count) pthread_cond_wait(&news, &mutex);
    pthread_mutex_unlock(&mutex);
}

static void on_lost(void* context, char* cause) {
    (void)context, (void)cause;
    pthread_mutex_lock(&mutex);
    ++lost;
    pthread_cond_signal(&news);
    pthread_mutex_unlock(&mutex);
}

static int on_message(void* context, char* name, int length, MQTTAsync_message* message) {
    (void)context, (void)length;
    printf("got %.*s\n", message->payloadlen, (const char*)message->payload);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(name);
    count_one();
    return 1;
}

static void on_subscribed(void* context, MQTTAsync_successData* data) {
    (void)context, (void)data;
    puts("subscribed");
}

static void on_subscribed5(void* context, MQTTAsync_successData5* data) {
    (void)context;
    if (data->reasonCode == MQTTREASONCODE_GRANTED_QOS_2) puts("subscribed");
}

static void on_failure(void* context, MQTTAsync_failureData* data) {
    fail(context, data ? data->code : 0);
}

static void on_failure5(void* context, MQTTAsync_failureData5* data) {
    fail(context, data ? (int)data->reasonCode : 0);
}

/// The options of an answer, for either version.
static MQTTAsync_responseOptions answers_to(char* what) {
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.context = what;
    if (version == MQTTVERSION_5) options.onFailure5 = on_failure5;
    else options.onFailure = on_failure;
    return options;
}

static void on_connected(void* context, char* cause) {
    (void)context, (void)cause;
    puts("connected");
    static int subscribed = 0;
    if (!subscribing || subscribed++) return;
    MQTTAsync_responseOptions options = answers_to("subscribe");
    if (version == MQTTVERSION_5) options.onSuccess5 = on_subscribed5;
    else options.onSuccess = on_subscribed;
    check("subscribe", MQTTAsync_subscribe(client, topic, 2, &options));
}

static void create(const char* url, const char* id, const char* folder) {
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    options.MQTTVersion = version;
    options.sendWhileDisconnected = 1;
    options.allowDisconnectedSendAtAnyTime = 1;
    options.maxBufferedMessages = 10000;
    check("create", MQTTAsync_createWithOptions(&client, url, id, MQTTCLIENT_PERSISTENCE_DEFAULT, (void*)folder, &options));
    check("callbacks", MQTTAsync_setCallbacks(client, NULL, on_lost, on_message, NULL));
    check("callbacks", MQTTAsync_setConnected(client, NULL, on_connected));
}

/// Goes on in the background, again and again until there is a server.
static void connect_for_ever(const char* authority) {
    MQTTAsync_connectOptions options5 = MQTTAsync_connectOptions_initializer5, options3 = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions* options = version == MQTTVERSION_5 ? &options5 : &options3;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty hour = {.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, .value.integer4 = 3600};
    MQTTProperties_add(&properties, &hour);
    options->MQTTVersion = version;
    options->keepAliveInterval = 10;
    options->automaticReconnect = 1;
    options->minRetryInterval = 1;
    options->maxRetryInterval = 2;
    if (version == MQTTVERSION_5) {
        options->cleanstart = 0;
        options->connectProperties = &properties;
        options->onFailure5 = NULL;
    } else {
        options->cleansession = 0;
    }
    if (*authority) {
        tls.trustStore = authority;
        tls.verify = 1;
        options->ssl = &tls;
    }
    check("connect", MQTTAsync_connect(client, options));
    MQTTProperties_free(&properties);
}

static void queue(long first, long last) {
    for (long number = first; number <= last; ++number) {
        char text[16];
        const int length = snprintf(text, sizeof text, "%ld", number);
        check("send", MQTTAsync_send(client, topic, length, text, 2, 0, NULL));
    }
    printf("queued %ld\n", last);
}

static void publish(long first, long last, long parts) {
    for (long part = 1; part <= parts; ++part) {
        const long end = first - 1 + (last - first + 1) * part / parts;
        queue(first + (last - first + 1) * (part - 1) / parts, end);
        while (1) {
            MQTTAsync_token* waiting = NULL;
            check("pending", MQTTAsync_getPendingTokens(client, &waiting));
            if (!waiting) break;
            MQTTAsync_free(waiting);
            usleep(10000);
        }
        printf("arrived %ld\n", end);
        pthread_mutex_lock(&mutex);
        while (part < parts && lost < part) pthread_cond_wait(&news, &mutex);
        pthread_mutex_unlock(&mutex);
    }
}

int main(int count, char** arguments) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    subscribing = count == 9;
    if (!subscribing && count != 11) return 2;
    version = strcmp(arguments[3], "5") == 0 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
    topic = arguments[7];
    create(arguments[2], arguments[4], arguments[5]);
    connect_for_ever(arguments[6]);
    if (subscribing) wait_for(atol(arguments[8]));
    else publish(atol(arguments[8]), atol(arguments[9]), atol(arguments[10]));
    puts("done");
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
    options.timeout = 2000;
    check("disconnect", MQTTAsync_disconnect(client, &options));
    while (MQTTAsync_isConnected(client)) usleep(10000);
    MQTTAsync_destroy(&client);
    return 0;
}
