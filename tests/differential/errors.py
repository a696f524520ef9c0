"""Every way in which a client can be wrong, produced on a broker: what is closed, with which code and in which words.

    errors.py --write    plays all of them on both brokers and writes the table of docs/amqp_errors.md anew"""

import argparse
import collections
import concurrent.futures
import itertools
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "system"))

import error_cases
from client import Client
from player import Player
from tolerated import KNOWN

TABLE = pathlib.Path(__file__).parents[2] / "docs/amqp_errors.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"

Row = collections.namedtuple("Row", "case rabbitmq causeway reason")
_plays = itertools.count(1)


def answer_of(events):
    """What is closed, the code, the text and the method that is blamed."""
    for event in events:
        if event.name in ("channel.close", "connection.close"):
            f = event.fields
            return f"{event.name.split('.')[0]} `{f['reply_code']} {f['reply_text']}` ({f['class_id']}.{f['method_id']})"
        if event.name == "protocol header":
            return "socket, after the server's protocol header"
    return None


def play_steps(broker, case):
    player = Player(broker, f"e{next(_plays):06}.")
    player.play(case.steps)
    events = [event for _, event in player.events if not isinstance(event, str)]
    player.clean_up()
    answer = answer_of(events)
    return (player.names.of(answer) if answer else "socket" if player.cut_off else "nothing").replace("~", "")


def talk(broker, case):
    """Cases of the handshake have a connection of their own, and wait until it ends."""
    client = Client(broker)
    case.talk(client)
    answer = answer_of(client.events(patience=8))
    if answer is None:
        answer = "nothing" if client.open else "socket"
    client.close()
    return answer


def produce(broker, case):
    return talk(broker, case) if case.talk else play_steps(broker, case)


def produce_all(broker):
    """RabbitMQ waits for three seconds before it drops a client that fails its handshake: those cases go side by side."""
    answers = {case.what: produce(broker, case) for case in error_cases.CASES if not case.talk}
    with concurrent.futures.ThreadPoolExecutor(16) as side_by_side:
        waiting = {case.what: side_by_side.submit(produce, broker, case) for case in error_cases.CASES if case.talk}
        return answers | {what: each.result() for what, each in waiting.items()}


def row(case, theirs, ours):
    reasons = {entry.name: entry.reason for entry in KNOWN}
    return Row(case.what, theirs, "the same" if theirs == ours else ours, reasons.get(case.reason, case.reason) if theirs != ours else "")


def rows(rabbitmq, causeway):
    theirs, ours = produce_all(rabbitmq), produce_all(causeway)
    return [row(case, theirs[case.what], ours[case.what]) for case in error_cases.CASES]


def row_again(what, rabbitmq, causeway):
    """The row of one case, from a play of its own."""
    case = next(each for each in error_cases.CASES if each.what == what)
    return row(case, produce(rabbitmq, case), produce(causeway, case))


def written_rows():
    text = TABLE.read_text()
    lines = text[text.index(BEGIN) + len(BEGIN):text.index(END)].splitlines()[2:]
    return [Row(*(cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1])) for line in lines]


def write(all_rows):
    text = TABLE.read_text()
    table = "| case | RabbitMQ 3.10.8 closes | Causeway closes | why it differs |\n|---|---|---|---|\n"
    for each in all_rows:
        table += "| " + " | ".join(cell.replace("|", "\\|") for cell in each) + " |\n"
    TABLE.write_text(text[:text.index(BEGIN) + len(BEGIN)] + table + text[text.index(END):])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", required=True)
    parser.parse_args()
    from both import both_brokers
    with both_brokers() as (rabbitmq, causeway):
        write(rows(rabbitmq, causeway))


if __name__ == "__main__":
    main()
