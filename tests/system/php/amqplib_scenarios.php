<?php
// php-amqplib against a server: php amqplib_scenarios.php SCENARIO PORT NAME. Exits with 0 if everything was as it should be.
declare(strict_types=1);
require '/usr/share/php/PhpAmqpLib/autoload.php';

use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Exception\AMQPProtocolChannelException;
use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPTable;

[, $scenario, $port, $name] = $argv;

const PATIENCE_S = 20;

function same($expected, $got): void
{
    if ($expected !== $got) {
        throw new Exception('expected ' . var_export($expected, true) . ', got ' . var_export($got, true));
    }
}

function connect(string $password = 'guest', string $vhost = '/', string $method = 'AMQPLAIN'): AMQPStreamConnection
{
    global $port;
    return new AMQPStreamConnection('127.0.0.1', (int) $port, 'guest', $password, $vhost, false, $method, null, 'en_US', PATIENCE_S, PATIENCE_S);
}

// The exception that the function throws.
function refused(callable $action): Throwable
{
    try {
        $action();
    } catch (Throwable $error) {
        return $error;
    }
    throw new Exception('nothing was thrown');
}

$scenarios = [
    'work-queue' => function (AMQPStreamConnection $connection) use ($name): void {
        $channel = $connection->channel();
        $channel->queue_declare($name, false, true, false, false);
        $channel->confirm_select();
        $confirmed = 0;
        $channel->set_ack_handler(function () use (&$confirmed): void { $confirmed++; });
        for ($number = 0; $number < 100; $number++) {
            $channel->basic_publish(new AMQPMessage((string) $number, ['delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT]), '', $name);
        }
        $channel->wait_for_pending_acks(PATIENCE_S);
        same(100, $confirmed);
        $channel->basic_qos(0, 5, false);
        $got = [];
        $channel->basic_consume($name, '', false, false, false, false, function (AMQPMessage $message) use (&$got): void {
            $got[] = (int) $message->getBody();
            $message->ack();
        });
        while (count($got) < 100) {
            $channel->wait(null, false, PATIENCE_S);
        }
        same(range(0, 99), $got);
        $channel->queue_delete($name);
    },

    'batch' => function (AMQPStreamConnection $connection) use ($name): void {
        $channel = $connection->channel();
        $channel->queue_declare($name, false, false, true);
        for ($number = 0; $number < 50; $number++) {
            $channel->batch_basic_publish(new AMQPMessage(str_repeat('x', 10000 * ($number % 20))), '', $name);
        }
        $channel->publish_batch();
        for ($number = 0; $number < 50; $number++) {
            do {
                $message = $channel->basic_get($name, true);
            } while ($message === null);
            same(10000 * ($number % 20), strlen($message->getBody()));
        }
    },

    'tables' => function (AMQPStreamConnection $connection): void {
        $channel = $connection->channel();
        [$queue] = $channel->queue_declare('', false, false, true);
        $headers = ['text' => 'wörld', 'yes' => true, 'number' => 7, 'big' => 1 << 40, 'none' => null, 'list' => [1, 'two', [3]],
                    'table' => ['deep' => ['er' => 1]]];
        $channel->basic_publish(new AMQPMessage('x', ['application_headers' => new AMQPTable($headers), 'priority' => 3, 'expiration' => '60000']), '', $queue);
        $message = $channel->basic_get($queue, true);
        same($headers, $message->get('application_headers')->getNativeData());
        same([3, '60000'], [$message->get('priority'), $message->get('expiration')]);
    },

    'dead-letters' => function (AMQPStreamConnection $connection) use ($name): void {
        $channel = $connection->channel();
        $channel->queue_declare("$name-dead", false, false, true);
        $channel->queue_declare($name, false, false, true, true, false,
            new AMQPTable(['x-dead-letter-exchange' => '', 'x-dead-letter-routing-key' => "$name-dead", 'x-message-ttl' => 50]));
        $dead = null;
        $channel->basic_consume("$name-dead", '', false, true, false, false, function (AMQPMessage $message) use (&$dead): void { $dead = $message; });
        $channel->basic_publish(new AMQPMessage('late'), '', $name);
        $channel->wait(null, false, PATIENCE_S);
        $death = $dead->get('application_headers')->getNativeData()['x-death'][0];
        same(['late', 'expired', $name, 1], [$dead->getBody(), $death['reason'], $death['queue'], $death['count']]);
    },

    'returns' => function (AMQPStreamConnection $connection) use ($name): void {
        $channel = $connection->channel();
        $returned = null;
        $channel->set_return_listener(function (...$what) use (&$returned): void { $returned = $what; });
        $channel->basic_publish(new AMQPMessage('lost'), '', $name, true);
        $channel->wait(null, false, PATIENCE_S);
        same([312, 'NO_ROUTE', '', $name, 'lost'], [...array_slice($returned, 0, 4), $returned[4]->getBody()]);
    },

    'transactions' => function (AMQPStreamConnection $connection) use ($name): void {
        $channel = $connection->channel();
        $channel->queue_declare($name, false, false, true);
        $channel->tx_select();
        $channel->basic_publish(new AMQPMessage('taken back'), '', $name);
        $channel->tx_rollback();
        $channel->basic_publish(new AMQPMessage('kept'), '', $name);
        $channel->tx_commit();
        same(['kept', 0], [($message = $channel->basic_get($name, true))->getBody(), $message->getMessageCount()]);
    },

    'errors' => function (AMQPStreamConnection $connection) use ($name): void {
        $error = refused(fn() => $connection->channel()->queue_declare($name, true));
        same([AMQPProtocolChannelException::class, 404, "NOT_FOUND - no queue '$name' in vhost '/'"], [get_class($error), $error->getCode(), $error->getMessage()]);
        $error = refused(fn() => $connection->channel()->exchange_declare('amq.direct', 'fanout', false, true, false));
        same([406, "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'amq.direct' in vhost '/': received 'fanout' but current is 'direct'"],
            [$error->getCode(), $error->getMessage()]);
        $error = refused(function () use ($connection): void {
            $channel = $connection->channel();
            $channel->basic_ack(7);
            $channel->wait(null, false, PATIENCE_S);
        });
        same([406, 'PRECONDITION_FAILED - unknown delivery tag 7'], [$error->getCode(), $error->getMessage()]);
        foreach (['AMQPLAIN', 'PLAIN'] as $method) {
            $error = refused(fn() => connect('wrong', '/', $method));
            same(0, strpos($error->getMessage(), "ACCESS_REFUSED - Login was refused using authentication mechanism $method. For details see the broker logfile."));
        }
        $error = refused(fn() => connect('guest', '/missing'));
        same([530, 'NOT_ALLOWED - vhost /missing not found(10, 40)'], [$error->getCode(), $error->getMessage()]);
    },
];

$connection = connect();
$scenarios[$scenario]($connection);
$connection->close();
