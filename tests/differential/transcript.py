"""What a broker said, as lines that can be compared: names that it made up and the play's prefix are replaced, confirms are taken
apart, and what the protocol leaves open is brought into one order: channels among each other, and on one channel answers,
deliveries, cancellations and confirms among each other, and likewise the cancellations and the confirms of one step."""

import re

DIED_AT = re.compile(r"'time', \('T', \d+\)")  # in x-death
MADE_UP = re.compile(r"amq\.(?:gen|ctag)-[A-Za-z0-9_-]{22}")


class Names:
    def __init__(self, prefix):
        self.prefix, self.made_up = prefix, []

    def of(self, text):
        text = MADE_UP.sub(lambda found: self.number(found.group()), text)
        return DIED_AT.sub("'time'", text).replace(self.prefix, "~")

    def number(self, name):
        if name not in self.made_up:
            self.made_up.append(name)
        return f"@{self.made_up.index(name)}"

    def fill(self, value):
        """Steps write "~" for the prefix and "@0" for the first name that the server made up."""
        if isinstance(value, str):
            if value.startswith("@") and int(value[1:]) < len(self.made_up):
                return self.made_up[int(value[1:])]
            return value.replace("~", self.prefix)
        if isinstance(value, dict):
            return {key: self.fill(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.fill(each) for each in value)
        return value


def render(events, names):
    """Lines of the events [(connection, event or remark)] of one step."""
    groups = {}
    for connection, event in events:
        if isinstance(event, str):
            groups.setdefault((connection, 0, 5), []).append(f"{connection}.0 {event}")
            continue
        groups.setdefault((connection, event.channel, rank(event)), []).extend(lines_of(connection, event, names))
    return [line for key in sorted(groups) for line in sorted(groups[key], key=IN_ONE_ORDER.get(key[2], lambda line: 0))]


def rank(event):
    """Where an event stands among those of its channel."""
    if event.name in ("basic.ack", "basic.nack"):
        return 4
    return {"basic.deliver": 1, "basic.return": 2, "basic.cancel": 3}.get(event.name, 0)


def number_in(line):
    return int(line.rsplit(" ", 1)[1])


IN_ONE_ORDER = {3: str, 4: number_in}  # by rank; the others stay as they came


def lines_of(connection, event, names):
    where = f"{connection}.{event.channel}"
    if rank(event) == 4:
        return [f"{where} confirm {event.name[6:]} {event.fields['delivery_tag']}"]
    fields = " ".join(f"{key}={value!r}" for key, value in event.fields.items() if not key.startswith("reserved"))
    line = f"{where} {event.name} {fields}"
    if event.properties is not None:
        line += "".join(f" {key}={value!r}" for key, value in event.properties.items())
        line += f" body={event.body!r}" if len(event.body) < 100 else f" body of {len(event.body)} bytes: {hash_of(event.body)}"
    return [names.of(line)]


def hash_of(body):
    return f"{sum(body) & 0xFFFF:04x}"
