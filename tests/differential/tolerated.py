"""The differences that remain, each with its reason. docs/amqp_errors.md tells them to people, in the same words."""

import collections
import re

# Lines of a step are explained if all three expressions are found in them and `check`, if there is one, agrees. `stop`: what comes
# after the step cannot be compared any more. `rare`: so seldom that even a long run may not meet it.
Known = collections.namedtuple("Known", "name step theirs ours reason stop check rare", defaults=(None, False))


def same_but_for_redeliveries(theirs, ours):
    """To the connection that ends."""
    ending = next(line[0] for line in theirs if "connection.close" in line)
    return ours == [line for line in theirs if not re.match(rf"{ending}\.\d+ basic\.deliver .* redelivered=True", line)]


def same_but_for_last_death(theirs, ours):
    return theirs == [re.sub(r", \('x-last-death-\w+', \('S', '[^']*'\)\)", "", line) for line in ours]


KNOWN = [
    Known("unknown-method", r"unknown class|unknown method|table ", r"closed without a word", r"reply_code=(540|501)",
          "RabbitMQ's reader crashes at a method or a type of field that it does not know and drops the socket; here the client is told what it sent.",
          stop=True),
    Known("malformed-properties", r"properties (that are cut off|with a malformed table)", r"reply_code=541 reply_text='INTERNAL_ERROR'",
          r"reply_code=502 reply_text='SYNTAX_ERROR - malformed content header'",
          "RabbitMQ's channel process crashes, which it reports as an error of its own (541); here the client is told that it sent them (502).", stop=False),
    Known("long-body", r"longer than announced", r"expected content body, got non content body frame", r"longer than its header said",
          "RabbitMQ goes on waiting and blames the next method (505); here the frame itself is refused (501).", stop=False),
    Known("server-named-type", r"queue\.declare queue='' .*'x-queue-type'", r"reply_code=541 reply_text='INTERNAL_ERROR'", r"invalid arg .{1,2}x-queue-type",
          "RabbitMQ's channel process crashes at a bad type of a queue without a name; with a name it says what is said here.", stop=True),
    Known("odd-values", r"queue\.declare", r"inequivalent arg .* of type '(double|float|table|array)'", r"inequivalent arg .*the value '…'",
          "RabbitMQ writes out fractions and tables in Erlang's notation; no argument takes them.", stop=False),
    Known("dying-channel", r"", r"basic\.deliver", r"connection\.close",
          "When a connection ends, RabbitMQ may still send one of its channels what another one gives back; here all of them end at once.",
          stop=False, check=same_but_for_redeliveries, rare=True),
    Known("last-death", r"", r"x-first-death-queue", r"x-last-death-queue",
          "RabbitMQ writes x-last-death-… since 3.13, and so does Causeway.", stop=False, check=same_but_for_last_death, rare=True),
    Known("exchange-type", r"exchange\.declare .*type='", r"invalid exchange type", r"unknown exchange type",
          "RabbitMQ says \"invalid\" instead of \"unknown\" if the type's name happens to be a word that its runtime has seen before.", stop=False),
]


class Tolerated:
    def __init__(self, known=None):
        self.known = KNOWN if known is None else known
        self.met = collections.Counter()

    def find(self, step, theirs, ours):
        """The entry that explains why a step's lines differ, or None."""
        for entry in self.known:
            if re.search(entry.step, str(step)) and re.search(entry.theirs, "\n".join(theirs)) and re.search(entry.ours, "\n".join(ours)) \
                    and (entry.check is None or entry.check(theirs, ours)):
                self.met[entry.name] += 1
                return entry
        return None
