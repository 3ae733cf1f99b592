"""Lets Rasa understand: the brain of the bot in ../bolt-python, over Rasa's own HTTP interface.

It needs `rest:` in Rasa's credentials.yml, and `rasa run --enable-api`.
"""

import os

import requests

RASA = os.environ.get("RASA", "http://127.0.0.1:5005").rstrip("/")
HUMAN = object()  # Never answered here: a custom action asks for the human itself, see actions.py.


def answer(place, user, text):
    """What Rasa answers: no text, one or several."""
    body = {"sender": sender(place, user), "message": text}
    answer = requests.post(RASA + "/webhooks/rest/webhook", json=body, timeout=60)
    answer.raise_for_status()
    return [reply["text"] for reply in answer.json() if "text" in reply]


def note(place, user, text):
    """An agent hands the customer back with this note: Rasa has it in the slot `handback_note`."""
    happened(place, user, {"event": "slot", "name": "handback_note", "value": text})


def forget(place, user):
    happened(place, user, {"event": "restart"})


def sender(place, user):
    """Rasa's name for a conversation; actions.py reads it."""
    return ":".join([*place, user])


def happened(place, user, event):
    path = f"/conversations/{sender(place, user)}/tracker/events"
    requests.post(RASA + path, json=event, timeout=2).raise_for_status()
