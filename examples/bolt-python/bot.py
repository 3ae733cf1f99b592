"""A Slack bot with a human behind it: Bolt for Python, and Megatron.

    pip install -r requirements.txt && python bot.py
"""

import logging
import os
import re
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import requests
from flask import Flask, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient
from standardwebhooks import Webhook, WebhookVerificationError

import brain
from megatron import Megatron

log = logging.getLogger("bot")
slack = WebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ.get("SLACK_API_URL", WebClient.BASE_URL))
me = slack.auth_test()
bolt = App(client=slack, signing_secret=os.environ["SLACK_SIGNING_SECRET"])
handler = SlackRequestHandler(bolt)
megatron = Megatron(os.environ["MEGATRON"], os.environ["KEY"])
callbacks = Webhook(os.environ["CALLBACK_SECRET"])
web = Flask(__name__)


class Talk:
    """What the bot remembers of a conversation."""

    def __init__(self):
        self.done = ""  # The `ts` up to which everything is dealt with. They are of one length, and compare as text.
        self.missed = 0  # How often in a row the bot did not understand.
        self.lines = deque(maxlen=10)  # What was said last, for the agent who takes over.


talks = {}


def talk(place):
    return talks.setdefault(place, Talk())


# ── Slack: what the customer says ──

# In order within a conversation: each has one of these threads.
lanes = [ThreadPoolExecutor(max_workers=1) for _ in range(8)]


def in_turn(act, place, *more):
    def run():
        try:
            act(place, *more)
        except Exception:
            log.exception("could not %s", act.__name__)

    lanes[hash(place) % len(lanes)].submit(run)


@bolt.event(re.compile("^(message|reaction_added|reaction_removed|tokens_revoked|app_uninstalled)$"))
def event(body):
    event = body["event"]
    if event.get("channel_type", "im") != "im":
        return
    place = body["team_id"], event.get("channel") or event.get("item", {}).get("channel", "")
    in_turn(hear, place, body)


def hear(place, body):
    event = body["event"]
    megatron.ingest(place, body)  # First duty: what the customer said, as Slack sent it.
    if event["type"] != "message" or "subtype" in event or "bot_id" in event:
        return
    here = talk(place)
    if event["ts"] <= here.done:
        return  # Slack sends it again, or an agent has dealt with it.
    here.done = event["ts"]
    text = event.get("text", "")
    here.lines.append(f"Customer: {text}")
    control = megatron.control(place)
    if control["paused"]:
        return  # Second duty: a human answers.
    words = brain.answer(place, event["user"], text)
    if words is brain.HUMAN:
        return ask_for_human(place, event["user"], "The customer asks for a human.")
    if words is None:
        return stuck(place, event["user"])
    here.missed = 0
    for one in words:
        if not answer(place, event["user"], one, control["epoch"]):
            return log.info("not said, since somebody has taken over meanwhile")


def stuck(place, user):
    here = talk(place)
    here.missed += 1
    if here.missed < 2:
        return say(place, user, "Sorry, I did not understand that. Could you put it in other words?")
    ask_for_human(place, user, "The bot did not understand twice.")


def ask_for_human(place, user, reason):
    here = talk(place)
    here.missed = 0
    if not megatron.ask_for_human(place, user, reason, "\n".join(here.lines)):
        say(place, user, "Sorry, I can reach nobody right now.")


def answer(place, user, text, epoch):
    """Says what may have taken long to find out, unless control has moved on; whether it is said."""
    try:
        if not megatron.say(place, text, epoch):
            return False
        talk(place).lines.append(f"Bot: {text}")
    except requests.RequestException as error:
        log.error("Megatron is away: %s", error)
        say(place, user, text)
    return True


def say(place, user, text):
    """Says something with the bot's own token, as any bot does, and passes it on."""
    team, channel = place
    answer = slack.chat_postMessage(channel=channel, text=text)
    talk(place).lines.append(f"Bot: {text}")
    megatron.ingest(place, {"team_id": team, "user_id": user, "response": answer.data})


@web.post("/slack/events")
def slack_events():
    return handler.handle(request)


# ── Megatron: what the agents do ──


@web.post("/megatron")
def callback():
    try:
        call = callbacks.verify(request.get_data(as_text=True), dict(request.headers))
    except WebhookVerificationError:
        return "", 401
    kind, data = call["type"], call["data"]
    if kind == "command.search_customers":
        return {"customers": search(data["query"])}
    if kind == "command.refresh_token":
        return refresh(data["team_id"])
    place = data.get("team_id"), data.get("channel_id")
    if "resume_after" in data:  # Before control: what the agent has dealt with is not answered again.
        talk(place).done = max(talk(place).done, data["resume_after"])
    if "control" in data:
        megatron.learn(place, data["control"])
    if note := data.get("handback_note"):
        talk(place).lines.append(f"Agent's note: {note}")
        in_turn(brain.note, place, data["user_id"], note)
    if kind == "command.clear_context":
        talk(place).lines.clear()
        talk(place).missed = 0
        brain.forget(place, data["user_id"])
    if kind == "command.do":
        in_turn(do, place, data, request.headers["webhook-id"])
    return {}  # Also to what is not known here.


def do(place, data, call_id):
    """An agent wants something: the answer is for the agents. A callback may come twice; the id makes it one answer."""
    words = brain.answer(place, data["user_id"], data["text"])
    text = "\n".join(words) if words and words is not brain.HUMAN else "Sorry, I do not know how to do that."
    megatron.whisper(place, text, call_id)


def search(query):
    """Customers of that name, for `/megatron open`. Look into your own database instead: it is faster."""
    found = []
    for page in slack.users_list(limit=200):
        for user in page["members"]:
            if not user.get("is_bot") and query.lower() in user.get("real_name", "").lower():
                found.append({"team_id": user["team_id"], "user_id": user["id"], "name": user["real_name"]})
    return found[:20]


def refresh(team_id):
    """The token for a workspace. A bot in many workspaces looks into its installations."""
    if me["team_id"] != team_id:
        return {}
    return {"bot_token": slack.token, "name": me["team"], "domain": re.sub(r"https://(.+?)\..*", r"\1", me["url"])}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    web.run(port=int(os.environ.get("PORT", "3000")))
