"""What the bot understands: put your own in place of this. It knows nothing of Slack and of Megatron."""

import os

import requests

HUMAN = object()


def answer(place, user, text):
    """What to answer, a list of texts. HUMAN asks for a human, None is for what it does not understand. It may take its time."""
    words = set(text.lower().replace("?", " ").replace("!", " ").replace(".", " ").split())
    if words & {"human", "person", "agent", "somebody"}:
        return HUMAN
    if "report" in words:
        return [report(user)]
    if words & {"hello", "hi", "hey"}:
        return ["Hello! I can show you your *report*, or get you a *person*."]
    return None


def report(user):
    """The slow part: asks another system, if LEDGER names one."""
    if "LEDGER" not in os.environ:
        return "You have no open expenses."
    answer = requests.get(os.environ["LEDGER"], params={"user": user}, timeout=60)
    answer.raise_for_status()
    return answer.text


def note(place, user, text):
    """An agent hands the customer back with this note. A cleverer brain makes something of it."""


def forget(place, user):
    """Whatever was remembered of this conversation is to be forgotten. This brain remembers nothing."""
