"""What a bot needs of Megatron: its HTTP interface, and who has control. Copy it into your bot.

A place is `(team_id, channel_id)`: one DM with one customer.
"""

import logging
import threading
import uuid

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

log = logging.getLogger("megatron")
UNKNOWN = {"holder": "bot", "paused": False, "epoch": -1}


class Megatron:
    def __init__(self, url, key):
        """`url` is where Megatron listens, `key` the `api_key` of this bot in its configuration."""
        self.url = url.rstrip("/")
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {key}"
        # What was not answered, or with these, is sent again; a Retry-After is obeyed.
        again = Retry(total=3, backoff_factor=0.2, status_forcelist=[408, 429, 500, 502, 503, 504], allowed_methods=None)
        self.http.mount(self.url, HTTPAdapter(max_retries=again))
        self.controls = {}  # A bot with several processes keeps this in its database.
        self.lock = threading.Lock()

    def control(self, place):
        """Who answers in this place, as far as is known: `{"holder", "paused", "epoch"}`."""
        return self.controls.get(place, UNKNOWN)

    def learn(self, place, control):
        """Callbacks and answers overtake each other: the highest epoch is the newest."""
        with self.lock:
            if control["epoch"] >= self.control(place)["epoch"]:
                self.controls[place] = control

    def ingest(self, place, body):
        """Passes on what was said, in any shape that /ingest takes."""
        try:
            answer = self._post("/ingest", body)
            answer.raise_for_status()
            self.learn(place, answer.json().get("control", UNKNOWN))
        except requests.RequestException as error:
            # No reason to leave the customer alone. Megatron looks in the history for what it has missed.
            log.error("could not pass on what was said: %s", error)

    def say(self, place, text, epoch):
        """Says something as the bot, if control is still as it was in `epoch`; whether it will."""
        answer = self._post(self._at(place, "messages"), {"message": {"text": text}, "control_epoch": epoch})
        if answer.status_code == 409:
            self.learn(place, answer.json().get("control", UNKNOWN))
            return False
        answer.raise_for_status()
        return True

    def ask_for_human(self, place, user, reason, summary):
        """Asks for a human; whether one was asked. The customer is told by Megatron."""
        body = {"user_id": user, "reason": reason, "summary": summary}
        try:
            answer = self._post(self._at(place, "handoffs"), body)
            if answer.status_code == 409:  # With other codes than these somebody is there already.
                return answer.json()["code"] not in ("no_queue", "spam", "conflict")
            answer.raise_for_status()
        except requests.RequestException as error:
            log.error("could not ask for a human: %s", error)
            return False
        self.learn(place, answer.json()["conversation"]["control"])
        return True

    def whisper(self, place, text, key=None):
        """Tells the agents something, if they have a room. With the same `key` it is told once."""
        team, channel = place
        answer = self._post("/v1/notices", {"team_id": team, "channel_id": channel, "text": text}, key)
        if answer.status_code != 409:  # There is no room.
            answer.raise_for_status()

    def _at(self, place, what):
        return "/v1/conversations/{}/{}/{}".format(*place, what)

    def _post(self, path, body, key=None):
        # The key makes it safe to send this again; /ingest recognises a message without one.
        headers = {} if path == "/ingest" else {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.http.post(self.url + path, json=body, headers=headers, timeout=5)
