<?php
// PHP's amqp extension against a server: php extension_scenarios.php SCENARIO PORT NAME. Exits with 0 if everything was as it should be.
declare(strict_types=1);

[, $scenario, $port, $name] = $argv;

const PATIENCE_S = 20;

function same($expected, $got): void
{
    if ($expected !== $got) {
        throw new Exception('expected ' . var_export($expected, true) . ', got ' . var_export($got, true));
    }
}

function connect(string $password = 'guest'): AMQPConnection
{
    global $port;
    $connection = new AMQPConnection(['host' => '127.0.0.1', 'port' => (int) $port, 'login' => 'guest', 'password' => $password,
        'read_timeout' => PATIENCE_S, 'write_timeout' => PATIENCE_S, 'connect_timeout' => PATIENCE_S]);
    $connection->connect();
    return $connection;
}

function queue(AMQPChannel $channel, string $name, int $flags = AMQP_EXCLUSIVE, array $arguments = []): AMQPQueue
{
    $queue = new AMQPQueue($channel);
    $queue->setName($name);
    $queue->setFlags($flags);
    $queue->setArguments($arguments);
    $queue->declareQueue();
    return $queue;
}

$scenarios = [
    // As Symfony's Messenger does it: an exchange, confirms, and a second try by a queue of which messages expire.
    'messenger' => function (AMQPConnection $connection) use ($name): void {
        $channel = new AMQPChannel($connection);
        $exchange = new AMQPExchange($channel);
        $exchange->setName($name);
        $exchange->setType(AMQP_EX_TYPE_FANOUT);
        $exchange->setFlags(AMQP_AUTODELETE);
        $exchange->declareExchange();
        $queue = queue($channel, $name);
        $queue->bind($name);
        queue($channel, "$name-delay", AMQP_EXCLUSIVE, ['x-message-ttl' => 50, 'x-dead-letter-exchange' => $name, 'x-expires' => 60000]);
        $channel->confirmSelect();
        $channel->setConfirmCallback(fn() => false, function (): void { throw new Exception('refused'); });
        $exchange->publish('now', '', AMQP_NOPARAM, ['delivery_mode' => 2, 'headers' => ['type' => 'Order', 'tries' => 1]]);
        $channel->waitForConfirm(PATIENCE_S);
        $late = new AMQPExchange($channel);
        $late->publish('later', "$name-delay", AMQP_NOPARAM, ['headers' => ['tries' => 2]]);
        $channel->waitForConfirm(PATIENCE_S);
        $got = [];
        $queue->consume(function (AMQPEnvelope $envelope, AMQPQueue $queue) use (&$got): bool {
            $got[] = [$envelope->getBody(), $envelope->getHeader('tries'), is_array($envelope->getHeader('x-death'))];
            $queue->ack($envelope->getDeliveryTag());
            return count($got) < 2;
        });
        same([['now', 1, false], ['later', 2, true]], $got);
    },

    'get-and-nack' => function (AMQPConnection $connection) use ($name): void {
        $channel = new AMQPChannel($connection);
        $queue = queue($channel, $name);
        same(false, $queue->get());
        (new AMQPExchange($channel))->publish(str_repeat('x', 200000), $name);
        do {
            $envelope = $queue->get();
        } while ($envelope === false);
        $queue->nack($envelope->getDeliveryTag(), AMQP_REQUEUE);
        $envelope = $queue->get(AMQP_AUTOACK);
        same([200000, true], [strlen($envelope->getBody()), $envelope->isRedelivery()]);
        $queue->purge();
        same(0, $queue->declareQueue());
    },

    'errors' => function (AMQPConnection $connection) use ($name): void {
        try {
            queue(new AMQPChannel($connection), $name, AMQP_PASSIVE);
            throw new Exception('a missing queue is found');
        } catch (AMQPQueueException $error) {
            same([404, "Server channel error: 404, message: NOT_FOUND - no queue '$name' in vhost '/'"], [$error->getCode(), $error->getMessage()]);
        }
        try {
            connect('wrong');
            throw new Exception('a wrong password is taken');
        } catch (AMQPConnectionException $error) {
            same(1, preg_match('/ACCESS_REFUSED|403|refused/', $error->getMessage()));
        }
    },
];

$scenarios[$scenario](connect());
