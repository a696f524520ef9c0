"""Plays a sequence on both brokers, compares the transcripts, and cuts down what differs."""

import itertools
import threading

from player import Player

_plays = itertools.count(1)


class Pair:
    """The broker under test and the one that it is compared with."""

    def __init__(self, causeway, rabbitmq):
        self.brokers = (rabbitmq, causeway)

    def play(self, steps):
        """(RabbitMQ's transcript, Causeway's)"""
        prefix = f"d{next(_plays):06}."
        transcripts, failures = [None, None], []

        def one(place):
            player = Player(self.brokers[place], prefix)
            try:
                transcripts[place] = player.play(steps)
                player.clean_up()
            except Exception as problem:  # the other thread's result is worth showing, too
                failures.append(f"{type(self.brokers[place]).__name__}: {problem!r}")
                transcripts[place] = transcripts[place] or [[f"the play ended: {problem!r}"]]

        threads = [threading.Thread(target=one, args=(place,)) for place in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return transcripts


def difference(steps, expected, got, tolerated):
    """(step number, RabbitMQ's lines, ours) of the first step that differs beyond what is tolerated, or None."""
    for number in range(max(len(expected), len(got))):
        theirs = expected[number] if number < len(expected) else ["nothing: the play has ended"]
        ours = got[number] if number < len(got) else ["nothing: the play has ended"]
        if theirs == ours:
            continue
        known = tolerated.find(steps[number], theirs, ours)
        if known is None:
            return number, theirs, ours
        if known.stop:
            return None
    return None


def shrink(steps, still_differs):
    """The shortest sequence that is found to differ still: halves go first, then single steps."""
    size = max(len(steps) // 2, 1)
    while size:
        at = 0
        while at < len(steps):
            without = steps[:at] + steps[at + size:]
            if without and still_differs(without):
                steps = without
            else:
                at += size
        size //= 2
    return steps
