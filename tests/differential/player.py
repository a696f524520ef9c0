"""Plays a sequence against one broker and writes down, step by step, everything that the broker says.

After each step it waits for what the step causes, also elsewhere: each channel is asked for a channel.flow-ok, which comes behind
whatever the channel has to say, and each queue for its counts (on a channel that no step uses), which come when the queue has handled
what it was sent. That goes on until nothing new comes."""

import time

import wire
from client import PATIENCE_S, Client
from steps import ANSWERS
from transcript import Names, render

PROBE = 9  # the channel that asks for counts
ROUNDS_MAX = 6


class ChannelState:
    def __init__(self):
        self.closing = False  # by the server: everything but close-ok is ignored
        self.unacked = []  # delivery tags
        self.confirms = False
        self.published = 0
        self.confirmed = set()


class Slot:
    """One connection, and what is known of its channels by what was said."""

    def __init__(self, broker):
        self.client = Client(broker).login()
        self.client.open_channel(PROBE)
        self.channels = {}
        self.alive = True

    def healthy(self):
        return list(self.channels) if self.alive else []


class Player:
    def __init__(self, broker, prefix):
        self.broker, self.prefix = broker, prefix
        self.names = Names(prefix)
        self.slots = {}
        self.queues = {}  # name: the connection that may ask for it
        self.counts = {}
        self.bound = []   # exchange to exchange, in exchange.bind's words
        self.events = []  # (connection, event) of this step
        self.cut_off = False  # a connection went without a word

    def play(self, steps):
        """One list of lines for each step."""
        transcript = []
        for step in steps:
            self.events = []
            before = dict(self.counts)
            self.do(step)
            self.settle_down()
            lines = render(self.events, self.names)
            lines += [f"count {self.names.of(queue)} {what}" for queue, what in self.counts.items() if before.get(queue) != what]
            transcript.append(lines)
            if self.cut_off:
                break
        return transcript

    # --- one step ---

    def do(self, step):
        slot = self.slot(step.connection)
        if not step.raw and step.channel:
            self.make_ready(slot, step)
        channel = slot.channels.get(step.channel)
        if step.kind == "frame":
            slot.client.send(step.bytes)
        elif step.kind == "publish":
            self.publish(slot, step, channel)
        elif step.kind == "settle":
            self.settle(slot, step, channel)
        else:
            fields = self.names.fill(step.fields)
            if step.name == "exchange.bind":
                self.bound.append({end: fields.get(end, "") for end in ("source", "destination", "routing_key")})
            slot.client.method(step.channel, step.name, **fields)
            self.await_answer(step, slot)

    def await_answer(self, step, slot):
        answers = set() if step.fields.get("no_wait") else ANSWERS.get(step.name, set())
        if answers:
            self.read_until(slot, lambda event: event.channel == step.channel and event.name in answers | {"channel.close"})

    def slot(self, number):
        if number not in self.slots or not self.slots[number].alive:
            self.slots[number] = Slot(self.broker)
        return self.slots[number]

    def make_ready(self, slot, step):
        channel = slot.channels.get(step.channel)
        if channel is None:
            slot.client.open_channel(step.channel)
            slot.channels[step.channel] = ChannelState()

    def publish(self, slot, step, channel):
        """As one write, whatever is wrong with it; `name` says what is."""
        body, properties = step.body, self.names.fill(step.properties)
        chunk = step.fields.get("chunk") or max(len(body), 1)
        frames = [wire.frame(wire.METHOD, step.channel, wire.method("basic.publish", **self.names.fill(step.fields))),
                  wire.frame(wire.CONTENT_HEADER, step.channel, wire.content_header(properties, len(body)))]
        frames += [wire.frame(wire.BODY, step.channel, body[at:at + chunk]) for at in range(0, len(body), chunk)]
        slot.client.send(b"".join(frames))
        if channel:
            channel.published += 1

    def settle(self, slot, step, channel):
        """`pick` is the place of the delivery among those that wait, so that the tag is one that exists, if any does."""
        fields = dict(step.fields)
        pick = fields.pop("pick")
        waiting = channel.unacked if channel else []
        tag = waiting[pick % len(waiting)] if waiting else pick + 1
        if channel:
            multiple = fields.get("multiple")
            channel.unacked = [each for each in waiting if each > tag] if multiple else [each for each in waiting if each != tag]
        slot.client.method(step.channel, step.name, delivery_tag=tag, **fields)

    # --- what comes ---

    def read_until(self, slot, enough, patience=PATIENCE_S):
        """Takes events until one is enough or the connection ends. False: it never came."""
        while slot.alive:
            event = slot.client.next_event(patience)
            if event is None:
                if slot.client.open:
                    return False
                slot.alive = False
                self.note(slot, "closed without a word")
                self.cut_off = True
                return True
            if self.take(slot, event) and enough(event):
                return True
        return True

    def note(self, slot, what):
        self.events.append((self.number_of(slot), what))

    def number_of(self, slot):
        return next(number for number, each in self.slots.items() if each is slot)

    def take(self, slot, event):
        if event.channel == PROBE:
            return True
        if event.name not in ("basic.ack", "basic.nack"):
            self.events.append((self.number_of(slot), event))
        handler = getattr(self, "on_" + event.name.replace(".", "_").replace("-", "_"), None)
        if handler:
            handler(slot, slot.channels.get(event.channel), event)
        return True

    def on_connection_close(self, slot, _channel, _event):
        slot.alive = False
        slot.client.method(0, "connection.close-ok")
        slot.client.close()

    def on_connection_close_ok(self, slot, _channel, _event):
        slot.alive = False
        slot.client.close()

    def on_channel_open_ok(self, slot, _channel, event):
        slot.channels[event.channel] = ChannelState()

    def on_channel_close(self, slot, channel, event):
        """Answered at once: until then RabbitMQ holds back what basic.get has taken."""
        if channel:
            channel.closing = True
            slot.client.method(event.channel, "channel.close-ok")
            del slot.channels[event.channel]

    def on_channel_close_ok(self, slot, channel, event):
        if channel and not channel.closing:
            del slot.channels[event.channel]

    def on_queue_declare_ok(self, slot, _channel, event):
        self.queues.setdefault(event.fields["queue"], self.number_of(slot))

    def on_confirm_select_ok(self, _slot, channel, _event):
        if not channel.confirms:
            channel.confirms, channel.published = True, 0

    def on_basic_deliver(self, _slot, channel, event):
        if channel:
            channel.unacked.append(event.fields["delivery_tag"])

    on_basic_get_ok = on_basic_deliver

    def on_basic_ack(self, slot, channel, event):
        """A confirm, perhaps of several messages: written down as one for each."""
        last = event.fields["delivery_tag"]
        known = channel.confirmed if channel else set()
        for tag in sorted((set(range(1, last + 1)) if event.fields["multiple"] else {last}) - known):
            known.add(tag)
            self.events.append((self.number_of(slot), event._replace(fields={"delivery_tag": tag})))

    on_basic_nack = on_basic_ack

    # --- until nothing more comes ---

    def settle_down(self):
        for _ in range(ROUNDS_MAX):
            known, counts = len(self.events), dict(self.counts)
            self.ask_channels()
            self.ask_queues()
            self.ask_channels()
            self.await_confirms()
            if known == len(self.events) and counts == self.counts:
                return

    def ask_channels(self):
        for slot in self.slots.values():
            for number in slot.healthy():
                slot.client.method(number, "channel.flow", active=True)
            if slot.alive:
                slot.client.method(PROBE, "channel.flow", active=True)
        for slot in self.slots.values():
            waiting = {*slot.healthy(), PROBE}
            while waiting and slot.alive:
                if not self.read_until(slot, lambda event: self.answered(event, waiting)):
                    self.note(slot, f"no answer on channels {sorted(waiting)}")
                    self.cut_off = True
                    return

    def answered(self, event, waiting):
        if event.name in ("channel.flow-ok", "channel.close"):
            waiting.discard(event.channel)
            if event.name == "channel.flow-ok" and event.channel != PROBE:
                self.events.pop()  # an answer to us, not to a step
            return True
        return False

    def await_confirms(self):
        end = time.monotonic() + 3
        for slot in self.slots.values():
            for number in slot.healthy():
                channel = slot.channels[number]
                while channel.confirms and len(channel.confirmed) < channel.published and not channel.closing and slot.alive:
                    if time.monotonic() > end or not self.read_until(slot, lambda event: True, patience=end - time.monotonic()):
                        return

    def ask_queues(self):
        for queue in list(self.queues):
            owner = self.queues[queue]
            slot = self.slots.get(owner)
            if slot is None or not slot.alive:
                slot = next((each for each in self.slots.values() if each.alive), None)
            if slot is None:
                return
            found = self.count(slot, queue)
            if found is None:  # the connection has gone meanwhile; the next round asks another one
                return
            self.counts[queue] = found
            if found == "gone":
                del self.queues[queue]

    def count(self, slot, queue):
        slot.client.method(PROBE, "queue.declare", queue=queue, passive=True)
        found = []

        def enough(event):
            if event.channel != PROBE or event.name not in ("queue.declare-ok", "channel.close"):
                return False
            found.append(event)
            return True

        self.read_until(slot, enough)
        if not found:
            return None
        if found[0].name == "channel.close":
            slot.client.method(PROBE, "channel.close-ok")
            slot.client.method(PROBE, "channel.open")
            self.read_until(slot, lambda event: event.channel == PROBE and event.name == "channel.open-ok")
            return "gone" if found[0].fields["reply_code"] == 404 else f"closed with {found[0].fields['reply_code']}"
        return f"{found[0].fields['message_count']} ready, {found[0].fields['consumer_count']} consumers"

    # --- the end ---

    def clean_up(self):
        """Connections go, and with them what is exclusive; then all that is left is deleted."""
        for slot in self.slots.values():
            slot.client.close()
        client = Client(self.broker).login()
        client.open_channel(1)
        for name in [*self.queues, *(self.prefix + f"q{n}" for n in range(5))]:
            client.method(1, "queue.delete", queue=name)
            if not self.answered_ok(client, "queue.delete-ok"):
                client.method(1, "channel.close-ok")
                client.open_channel(1)
        for name in (self.prefix + each for each in ("x0", "x1", "x2", "x3", "missing", "n" * 247, "ü\t'", "lineend")):
            client.method(1, "exchange.delete", exchange=name)
            client.expect("exchange.delete-ok")
        for ends in self.bound:  # between exchanges that are always there
            if ends["source"].startswith("amq.") and ends["destination"].startswith("amq."):
                client.method(1, "exchange.unbind", **ends)
                client.expect("exchange.unbind-ok")
        client.method(0, "connection.close")
        client.expect("connection.close-ok")
        client.close()

    @staticmethod
    def answered_ok(client, name):
        return next(event.name for event in client.events() if event.name in (name, "channel.close")) == name
