import com.rabbitmq.client.*;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;

/** RabbitMQ's own client against a server: java Scenarios SCENARIO PORT NAME. Exits with 0 if everything was as it should be. */
public final class Scenarios {
    interface Scenario {
        void play(Connection connection) throws Exception;
    }

    private static final int PATIENCE_S = 20;
    private static int port;
    private static String name;

    private static final Map<String, Scenario> SCENARIOS = Map.of(
        "confirms", Scenarios::confirms, "alternate", Scenarios::alternate, "limits", Scenarios::limits, "dead-letters", Scenarios::deadLetters, "rpc", Scenarios::rpc,
        "errors", Scenarios::errors, "cancel", Scenarios::cancel, "tables", Scenarios::tables, "recovery", Scenarios::recovery);

    public static void main(String[] arguments) throws Exception {
        port = Integer.parseInt(arguments[1]);
        name = arguments[2];
        try (Connection connection = factory().newConnection()) {
            SCENARIOS.get(arguments[0]).play(connection);
        }
    }

    private static ConnectionFactory factory() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(port);
        factory.setNetworkRecoveryInterval(200);
        factory.setRequestedHeartbeat(10);
        return factory;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void same(Object expected, Object got) {
        if (!Objects.equals(expected, got)) throw new AssertionError("expected " + expected + ", got " + got);
    }

    private static String taken(BlockingQueue<String> from) throws InterruptedException {
        return from.poll(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** The code and text that the server closes the channel with because of the action. */
    private static AMQP.Channel.Close refusal(Callable<?> action) throws Exception {
        try {
            action.call();
        } catch (IOException e) {
            return (AMQP.Channel.Close) ((ShutdownSignalException) e.getCause()).getReason();
        }
        throw new AssertionError("nothing was refused");
    }

    private static void confirms(Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.queueDeclare(name, true, false, false, null);
        channel.confirmSelect();
        for (int number = 0; number < 500; number++)
            channel.basicPublish("", name, MessageProperties.PERSISTENT_TEXT_PLAIN, bytes(Integer.toString(number)));
        channel.waitForConfirmsOrDie(PATIENCE_S * 1000L);
        same(500L, channel.messageCount(name));
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        channel.basicQos(20);
        channel.basicConsume(name, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) throws IOException {
                if (envelope.getDeliveryTag() % 10 == 0) channel.basicAck(envelope.getDeliveryTag(), true);
                got.add(new String(body, StandardCharsets.UTF_8));
            }
        });
        for (int number = 0; number < 500; number++) same(Integer.toString(number), taken(got));
        channel.queueDelete(name);
    }

    private static void alternate(Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.exchangeDeclare(name + "-rest", BuiltinExchangeType.FANOUT, false, true, null);
        channel.exchangeDeclare(name, BuiltinExchangeType.DIRECT, false, true, Map.of("alternate-exchange", name + "-rest"));
        channel.queueDeclare(name + "-rest", false, true, true, null);
        channel.queueDeclare(name, false, true, true, null);
        channel.queueBind(name + "-rest", name + "-rest", "");
        channel.queueBind(name, name, "known");
        channel.basicPublish(name, "known", null, bytes("1"));
        channel.basicPublish(name, "unknown", null, bytes("2"));
        same("2", new String(channel.basicGet(name + "-rest", true).getBody()));
        same("1", new String(channel.basicGet(name, true).getBody()));
        same(null, channel.basicGet(name, true));
    }

    private static void limits(Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.queueDeclare(name + "-dead", false, true, true, null);
        channel.confirmSelect();
        for (String overflow : List.of("reject-publish", "reject-publish-dlx")) {
            String queue = name + "-" + overflow;
            channel.queueDeclare(queue, false, true, true, Map.of("x-max-length", 1, "x-overflow", overflow, "x-dead-letter-exchange", "",
                "x-dead-letter-routing-key", name + "-dead"));
            channel.basicPublish("", queue, null, bytes("fits"));
            same(true, channel.waitForConfirms());
            channel.basicPublish("", queue, null, bytes("does not fit " + overflow));
            same(false, channel.waitForConfirms());
            same("fits", new String(channel.basicGet(queue, true).getBody()));
            same(null, channel.basicGet(queue, true));
        }
        same("does not fit reject-publish-dlx", new String(channel.basicGet(name + "-dead", true).getBody()));
        same(null, channel.basicGet(name + "-dead", true));
    }

    private static void deadLetters(Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.queueDeclare(name + "-dead", false, true, true, null);
        channel.queueDeclare(name, false, true, true, Map.of("x-message-ttl", 60_000L, "x-dead-letter-exchange", "",
            "x-dead-letter-routing-key", name + "-dead"));
        channel.basicPublish("", name, null, bytes("bad"));
        GetResponse got = channel.basicGet(name, false);
        channel.basicReject(got.getEnvelope().getDeliveryTag(), true);
        got = channel.basicGet(name, false);
        same(true, got.getEnvelope().isRedeliver());
        channel.basicNack(got.getEnvelope().getDeliveryTag(), false, false);
        while ((got = channel.basicGet(name + "-dead", true)) == null) Thread.sleep(10);
        same(name, got.getProps().getHeaders().get("x-first-death-queue").toString());
        same("rejected", got.getProps().getHeaders().get("x-first-death-reason").toString());
    }

    private static void rpc(Connection connection) throws Exception {
        Channel served = connection.createChannel();
        served.queueDeclare(name, false, true, true, null);
        RpcServer server = new RpcServer(served, name) {
            @Override
            public byte[] handleCall(byte[] request, AMQP.BasicProperties properties) {
                return bytes(new String(request, StandardCharsets.UTF_8).toUpperCase());
            }
        };
        Thread thread = new Thread(() -> {
            try {
                server.mainloop();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        RpcClient client = new RpcClient(connection.createChannel(), "", name, PATIENCE_S * 1000);  // its answers: amq.rabbitmq.reply-to
        for (int number = 0; number < 20; number++) same("QUESTION " + number, client.stringCall("question " + number));
        served.close();  // and with it the server's loop
        thread.join(PATIENCE_S * 1000L);
        same(false, thread.isAlive());
    }

    private static void errors(Connection connection) throws Exception {
        AMQP.Channel.Close reason = refusal(() -> connection.createChannel().queueDeclarePassive(name));
        same(404, reason.getReplyCode());
        same("NOT_FOUND - no queue '" + name + "' in vhost '/'", reason.getReplyText());
        reason = refusal(() -> connection.createChannel().queueDeclare(name, false, true, true, Map.of("x-max-length", -1)));
        same(406, reason.getReplyCode());
        connection.createChannel().queueDeclare(name, false, true, true, null);
        try (Connection other = factory().newConnection()) {
            same(405, refusal(() -> other.createChannel().queueDeclarePassive(name)).getReplyCode());
            Channel first = connection.createChannel();
            first.basicConsume(name, false, "", false, true, null, new DefaultConsumer(first));
            same(403, refusal(() -> {
                Channel second = connection.createChannel();
                return second.basicConsume(name, new DefaultConsumer(second));
            }).getReplyCode());
        }
        ConnectionFactory stranger = factory();
        stranger.setPassword("wrong");
        try {
            stranger.newConnection();
            throw new AssertionError("a wrong password is taken");
        } catch (AuthenticationFailureException expected) {
            same("ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.", expected.getMessage());
        }
        try (Connection unlucky = factory().newConnection()) {
            BlockingQueue<String> closed = new LinkedBlockingQueue<>();
            unlucky.addShutdownListener(cause -> closed.add(((AMQP.Connection.Close) cause.getReason()).getReplyText()));
            unlucky.createChannel().basicPublish("", name, false, true, null, bytes("immediate"));
            same("NOT_IMPLEMENTED - immediate=true", taken(closed));
        } catch (AlreadyClosedException expected) {
            // by what it has done
        }
    }

    private static void cancel(Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.queueDeclare(name, false, false, false, null);
        BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
        String tag = channel.basicConsume(name, new DefaultConsumer(channel) {
            @Override
            public void handleCancel(String consumerTag) {
                cancelled.add(consumerTag);
            }
        });
        connection.createChannel().queueDelete(name);
        same(tag, taken(cancelled));
    }

    private static void tables(Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.queueDeclare(name, false, true, true, null);
        Map<String, Object> headers = new HashMap<>(Map.of("text", com.rabbitmq.client.impl.LongStringHelper.asLongString("wörld"), "yes", true, "number", 7, "big", 1L << 40, "short",
            (short) 3, "byte", (byte) 2, "float", 0.5f, "double", 0.25, "when", new Date(1_700_000_000_000L)));
        headers.put("list", List.of(1, 2L));
        headers.put("table", Map.of("deep", Map.of("er", 1)));
        headers.put("money", new java.math.BigDecimal("12.34"));
        headers.put("none", null);
        channel.basicPublish("", name, new AMQP.BasicProperties.Builder().headers(headers).clusterId("c").userId("guest").build(), bytes("x"));
        same(headers, channel.basicGet(name, true).getProps().getHeaders());
    }

    /** Prints READY, and goes on by itself once the server has been killed and is there again. */
    private static void recovery(Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.exchangeDeclare(name, BuiltinExchangeType.TOPIC, true);
        channel.queueDeclare(name, true, false, false, null);
        channel.queueBind(name, name, "a.*");
        String own = channel.queueDeclare().getQueue();
        channel.queueBind(own, name, "a.*");
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        channel.basicConsume(own, true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
                got.add(new String(body, StandardCharsets.UTF_8));
            }
        });
        channel.confirmSelect();
        channel.basicPublish(name, "a.b", MessageProperties.PERSISTENT_BASIC, bytes("before"));
        channel.waitForConfirmsOrDie(PATIENCE_S * 1000L);
        same("before", taken(got));
        CountDownLatch recovered = new CountDownLatch(1);
        ((Recoverable) connection).addRecoveryListener(new RecoveryListener() {
            @Override
            public void handleRecovery(Recoverable who) {
                recovered.countDown();
            }

            @Override
            public void handleRecoveryStarted(Recoverable who) {}
        });
        System.out.println("READY");
        same(true, recovered.await(PATIENCE_S, TimeUnit.SECONDS));
        channel.basicPublish(name, "a.c", MessageProperties.PERSISTENT_BASIC, bytes("after"));
        same("after", taken(got));
        same("before", new String(channel.basicGet(name, true).getBody()));
        same("after", new String(channel.basicGet(name, true).getBody()));
    }
}
