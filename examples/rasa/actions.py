"""Rasa's custom actions that ask for a human, for the action server of rasa-sdk."""

import os

from megatron import Megatron
from rasa_sdk import Action
from rasa_sdk.events import SlotSet

megatron = Megatron(os.environ["MEGATRON"], os.environ["KEY"])
PATIENCE = 2  # How often in a row Rasa may not understand.


class AskForHuman(Action):
    """For the intent with which customers ask for a person."""

    def name(self):
        return "action_ask_for_human"

    def run(self, dispatcher, tracker, domain):
        ask(dispatcher, tracker, "The customer asks for a human.")
        return [SlotSet("missed", 0)]


class NotUnderstood(Action):
    """For the intent `nlu_fallback`: asks again, then for a human."""

    def name(self):
        return "action_not_understood"

    def run(self, dispatcher, tracker, domain):
        missed = int(tracker.get_slot("missed") or 0) + 1
        if missed < PATIENCE:
            dispatcher.utter_message(text="Sorry, I did not understand that. Could you put it in other words?")
            return [SlotSet("missed", missed)]
        ask(dispatcher, tracker, "The bot did not understand twice.")
        return [SlotSet("missed", 0)]


def ask(dispatcher, tracker, reason):
    team, channel, user = tracker.sender_id.split(":")  # As brain.py names conversations.
    if not megatron.ask_for_human((team, channel), user, reason, summary(tracker)):
        dispatcher.utter_message(text="Sorry, I can reach nobody right now.")


def summary(tracker):
    """What was said last, for the agent who takes over."""
    who = {"user": "Customer", "bot": "Bot"}
    said = [f"{who[event['event']]}: {event['text']}" for event in tracker.events if event["event"] in who and event.get("text")]
    if note := tracker.get_slot("handback_note"):
        said.append(f"Agent's note: {note}")
    return "\n".join(said[-10:])
