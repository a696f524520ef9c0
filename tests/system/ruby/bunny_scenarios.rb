# Bunny against a server: ruby bunny_scenarios.rb SCENARIO PORT NAME. Exits with 0 if everything was as it should be.
require "bunny"
require "timeout"

SCENARIO, PORT, NAME = ARGV

def same(expected, got)
  raise "expected #{expected.inspect}, got #{got.inspect}" unless expected == got
end

# The exception that the block raises.
def refused(kind)
  yield
rescue kind => e
  e
else
  raise "#{kind} was not raised"
end

def connect(**options)
  Bunny.new(host: "127.0.0.1", port: PORT.to_i, log_level: :error, **options).start
end

SCENARIOS = {
  "confirms" => lambda do |session|
    channel = session.create_channel
    channel.confirm_select
    queue = channel.queue(NAME, durable: true)
    300.times { |number| queue.publish(number.to_s, persistent: true) }
    same true, channel.wait_for_confirms
    same 300, queue.message_count
    channel.prefetch(7)
    got = Queue.new
    consumer = queue.subscribe(manual_ack: true) do |delivery, _, body|
      got << body.to_i
      channel.ack(delivery.delivery_tag)
    end
    same (0...300).to_a, Array.new(300) { got.pop }
    consumer.cancel
    same 0, queue.message_count
    queue.delete
  end,

  "tables" => lambda do |session|
    channel = session.create_channel
    queue = channel.queue("", exclusive: true)
    headers = { "text" => "wörld".b, "yes" => true, "number" => 7, "big" => 2**40, "float" => 0.5, "none" => nil, "when" => Time.at(1_700_000_000),
                "list" => [1, "two", [3]], "table" => { "deep" => { "er" => 1 } } }
    queue.publish("x", headers: headers, timestamp: 1_700_000_000, priority: 3, type: "kind", app_id: "me", message_id: "m1", correlation_id: "c1",
                       reply_to: "there", content_type: "application/x", content_encoding: "zip", user_id: "guest", expiration: "60000")
    _, properties, body = queue.pop
    same headers, properties.headers
    same ["x", 3, "kind", "me", "m1", "c1", "there", "guest", "60000", Time.at(1_700_000_000)],
         [body, properties.priority, properties.type, properties.app_id, properties.message_id, properties.correlation_id, properties.reply_to,
          properties.user_id, properties.expiration, properties.timestamp]
  end,

  "carbon-copies" => lambda do |session|
    channel = session.create_channel
    one, other, secret = %w[one other secret].map { |part| channel.queue("#{NAME}-#{part}", exclusive: true) }
    channel.default_exchange.publish("x", routing_key: one.name, headers: { "CC" => [other.name], "BCC" => [secret.name] })
    [one, other, secret].each do |queue|
      _, properties, body = queue.pop
      same ["x", [other.name], nil], [body, properties.headers["CC"], properties.headers["BCC"]]
    end
  end,

  "returns" => lambda do |session|
    channel = session.create_channel
    exchange = channel.topic(NAME, auto_delete: true)
    returned = Queue.new
    exchange.on_return { |info, _, body| returned << [info.reply_code, info.reply_text, info.exchange, info.routing_key, body] }
    exchange.publish("lost", routing_key: "no.where", mandatory: true)
    same [312, "NO_ROUTE", NAME, "no.where", "lost"], returned.pop
    exchange.delete
  end,

  "errors" => lambda do |session|
    channel = session.create_channel
    error = refused(Bunny::NotFound) { channel.queue(NAME, passive: true) }
    same "NOT_FOUND - no queue '#{NAME}' in vhost '/'", error.message
    channel = session.create_channel
    channel.queue("#{NAME}-shared", auto_delete: true)
    error = refused(Bunny::PreconditionFailed) { session.create_channel.queue("#{NAME}-shared", auto_delete: true, durable: true) }
    same "PRECONDITION_FAILED - inequivalent arg 'durable' for queue '#{NAME}-shared' in vhost '/': received 'true' but current is 'false'", error.message
    channel.queue_delete("#{NAME}-shared")
    channel.queue(NAME, exclusive: true)
    other = connect
    error = refused(Bunny::ResourceLocked) { other.create_channel.queue(NAME, passive: true) }
    raise error.message unless error.message.start_with?("RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '#{NAME}' in vhost '/'")
    other.close
    error = refused(Bunny::AccessRefused) { session.create_channel.queue("amq.mine") }
    same "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'", error.message
    generated = session.create_channel.queue("", exclusive: true).name
    refused(Bunny::AccessRefused) { session.create_channel.queue(generated, exclusive: true) }
    channel = session.create_channel
    closed = Queue.new
    channel.on_error { |_, method| closed << method.reply_text }
    channel.ack(82)
    same "PRECONDITION_FAILED - unknown delivery tag 82", closed.pop
    refused(Bunny::AuthenticationFailureError) { connect(password: "wrong", recover_from_connection_close: false) }
    refused(Bunny::NotAllowedError) { connect(vhost: "/missing", recover_from_connection_close: false) }
  end,

  "cancelled-by-the-server" => lambda do |session|
    queue = session.create_channel.queue(NAME)
    cancelled = Queue.new
    consumer = Bunny::Consumer.new(queue.channel, queue)
    consumer.on_cancellation { |method| cancelled << method.consumer_tag }
    queue.subscribe_with(consumer)
    session.create_channel.queue_delete(NAME)
    same consumer.consumer_tag, cancelled.pop
  end,

  "transactions" => lambda do |session|
    channel = session.create_channel
    queue = channel.queue(NAME, exclusive: true)
    channel.tx_select
    queue.publish("taken back")
    channel.tx_rollback
    queue.publish("kept")
    channel.tx_commit
    same [1, "kept"], [queue.message_count, queue.pop[2]]
  end,

  # Prints READY, is told on standard input that the server has been killed and is there again, and goes on by itself.
  "recovery" => lambda do |session|
    channel = session.create_channel
    exchange = channel.topic(NAME, durable: true)
    own = channel.queue("", exclusive: true).bind(exchange, routing_key: "a.*")
    durable = channel.queue(NAME, durable: true).bind(exchange, routing_key: "a.*")
    channel.confirm_select
    exchange.publish("before", routing_key: "a.b", persistent: true)
    channel.wait_for_confirms
    got = Queue.new
    own.subscribe { |_, _, body| got << body }
    same "before", got.pop
    recovered = Queue.new
    session.after_recovery_completed { recovered << true }
    puts "READY"
    $stdout.flush
    recovered.pop
    exchange.publish("after", routing_key: "a.c", persistent: true)
    same "after", got.pop
    same %w[before after], Array.new(2) { durable.pop[2] }
  end
}.freeze

Timeout.timeout(40) do
  session = connect(recovery_attempt_started: nil, network_recovery_interval: 0.2, heartbeat: 10)
  SCENARIOS.fetch(SCENARIO).call(session)
  session.close
end
