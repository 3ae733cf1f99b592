"""Drives the simulated Slack with Slack's own Python client: what the client sends and reads must fit.

Usage: drive_simulator.py API_URL HUB_TOKEN PERSON_TOKEN BOT_TOKEN TRIGGER_ID

The Rust test that calls this sets the stage: workspace T0SUP with Jane, Bob, the user group S0OPS and the hub app;
workspace T0CUST with Phil and a bot whose history is restricted; one 429 planned for users.info.
"""

import sys
import urllib.request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

api_url, hub_token, person_token, bot_token, trigger_id = sys.argv[1:]
hub = WebClient(token=hub_token, base_url=api_url)
person = WebClient(token=person_token, base_url=api_url)
bot = WebClient(token=bot_token, base_url=api_url)


def refused(code, call, **arguments):
    """The call must fail with this code. Answers the response."""
    try:
        call(**arguments)
    except SlackApiError as error:
        assert error.response["error"] == code, f"{error.response['error']} instead of {code}"
        return error.response
    raise AssertionError(f"not refused: {code}")


def plain(text):
    return {"type": "plain_text", "text": text}


def identity_and_rate_limit():
    me = hub.auth_test()
    assert (me["team_id"], me["user_id"], me["bot_id"]) == ("T0SUP", "U0HUB", "B0HUB"), me
    assert me["url"] == "https://acme.slack.com/"
    refused("invalid_auth", WebClient(token="xoxb-wrong", base_url=api_url).auth_test)
    refused("not_authed", WebClient(base_url=api_url).auth_test)
    refused("unknown_method", hub.api_call, api_method="no.such.method")

    # The planned 429 asks to wait a second; the client's own handler does.
    patient = WebClient(token=hub_token, base_url=api_url)
    patient.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    assert patient.users_info(user="U0JANE")["user"]["profile"]["display_name"] == "Jane"


def people():
    refused("user_not_found", hub.users_info, user="U0NOBODY")
    names = [user["name"] for page in hub.users_list(limit=1) for user in page["members"]]
    assert sorted(names) == ["bob", "jane", "megatron"], names
    assert hub.users_lookupByEmail(email="jane@example.org")["user"]["id"] == "U0JANE"
    refused("users_not_found", hub.users_lookupByEmail, email="nobody@example.org")
    assert hub.usergroups_users_list(usergroup="S0OPS")["users"] == ["U0JANE", "U0BOB"]
    refused("no_such_subteam", hub.usergroups_users_list, usergroup="S0NONE")
    refused("missing_scope", bot.users_info, user="U0PHIL")


def rooms():
    room = hub.conversations_create(name="cs-phil", is_private=True)["channel"]["id"]
    refused("name_taken", hub.conversations_create, name="cs-phil")
    hub.conversations_invite(channel=room, users=["U0JANE", "U0BOB"])
    refused("already_in_channel", hub.conversations_invite, channel=room, users="U0BOB")
    hub.conversations_setTopic(channel=room, topic="Phil of Customer")
    hub.conversations_setPurpose(channel=room, purpose="Support")
    hub.conversations_kick(channel=room, user="U0BOB")
    members = [user for page in hub.conversations_members(channel=room, limit=1) for user in page["members"]]
    assert members == ["U0HUB", "U0JANE"], members
    info = hub.conversations_info(channel=room, include_num_members=True)["channel"]
    assert info["num_members"] == 2 and info["is_private"] and info["topic"]["value"] == "Phil of Customer", info
    assert hub.conversations_rename(channel=room, name="cs-phil-2")["channel"]["name"] == "cs-phil-2"
    listed = hub.conversations_list(types="private_channel,public_channel", exclude_archived=True)["channels"]
    assert [channel["id"] for channel in listed] == [room]
    mine = hub.users_conversations(types="private_channel", user="U0HUB")["channels"]
    assert [channel["id"] for channel in mine] == [room]
    dm = hub.conversations_open(users="U0JANE", return_im=True)["channel"]
    assert dm["is_im"] and dm["user"] == "U0JANE", dm
    other = hub.conversations_create(name="open-house")["channel"]["id"]
    hub.conversations_leave(channel=other)
    refused("not_in_channel", hub.chat_postMessage, channel=other, text="x")
    return room


def messages(room):
    metadata = {"event_type": "megatron", "event_payload": {"id": "1"}}
    blocks = [{"type": "section", "text": plain("hello")}]
    card = hub.chat_postMessage(channel=room, text="hello", blocks=blocks, metadata=metadata)
    assert card["message"]["bot_id"] == "B0HUB" and card["message"]["user"] == "U0HUB"
    guise = hub.chat_postMessage(
        channel=room, text="I am Phil", username="Phil", icon_url="https://example.org/phil.png", unfurl_links=False
    )
    assert guise["message"]["subtype"] == "bot_message" and guise["message"]["username"] == "Phil"
    assert "user" not in guise["message"]
    reply = hub.chat_postMessage(channel=room, text="note", thread_ts=card["ts"])
    hub.chat_update(channel=room, ts=card["ts"], text="bye")
    refused("msg_too_long", hub.chat_update, channel=room, ts=card["ts"], text="x" * 4001)
    bad = refused("invalid_blocks", hub.chat_postMessage, channel=room, text="x", blocks=[{"type": "nonsense"}])
    assert "[json-pointer:/blocks/0/type]" in bad["errors"][0], bad
    refused("invalid_arguments", hub.api_call, api_method="chat.update", json={
        "channel": room, "ts": card["ts"], "text": "x", "username": "Phil"})
    link = hub.chat_getPermalink(channel=room, message_ts=reply["ts"])["permalink"]
    assert link.startswith(f"https://acme.slack.com/archives/{room}/p") and f"thread_ts={card['ts']}" in link, link
    hub.chat_postEphemeral(channel=room, user="U0JANE", text="psst")
    refused("user_not_in_channel", hub.chat_postEphemeral, channel=room, user="U0BOB", text="psst")

    page = hub.conversations_history(channel=room, limit=1, include_all_metadata=True)
    assert page["has_more"] and page["messages"][0]["text"] == "I am Phil"
    cursor = page["response_metadata"]["next_cursor"]
    page = hub.conversations_history(channel=room, limit=1, cursor=cursor, include_all_metadata=True)
    changed = page["messages"][0]
    assert changed["text"] == "bye" and "blocks" not in changed and changed["metadata"] == metadata, changed
    thread = hub.conversations_replies(channel=room, ts=card["ts"])["messages"]
    assert [message["text"] for message in thread] == ["bye", "note"]
    refused("invalid_cursor", hub.conversations_history, channel=room, cursor="nonsense")

    hub.reactions_add(channel=room, timestamp=card["ts"], name="eyes")
    refused("already_reacted", hub.reactions_add, channel=room, timestamp=card["ts"], name="eyes")
    hub.reactions_remove(channel=room, timestamp=card["ts"], name="eyes")
    hub.pins_add(channel=room, timestamp=card["ts"])
    refused("already_pinned", hub.pins_add, channel=room, timestamp=card["ts"])
    hub.bookmarks_add(channel_id=room, title="Profile", type="link", link="https://example.org")
    hub.chat_delete(channel=room, ts=reply["ts"])
    refused("message_not_found", hub.chat_delete, channel=room, ts=reply["ts"])


def history_of_a_distributed_app():
    bot.chat_postMessage(channel="D0PHIL", text="Hello, Phil")
    assert [m["text"] for m in bot.conversations_history(channel="D0PHIL")["messages"]] == ["Hello, Phil"]
    limited = refused("ratelimited", bot.conversations_history, channel="D0PHIL")
    assert limited.status_code == 429 and limited.headers["Retry-After"] == "60", limited.headers


def views():
    modal = {"type": "modal", "title": plain("Open"), "blocks": [{"type": "section", "text": plain("Loading")}]}
    opened = hub.views_open(trigger_id=trigger_id, view=modal)["view"]
    refused("exchanged_trigger_id", hub.views_open, trigger_id=trigger_id, view=modal)
    updated = hub.views_update(view_id=opened["id"], hash=opened["hash"], view=modal)["view"]
    assert updated["hash"] != opened["hash"]
    refused("hash_conflict", hub.views_update, view_id=opened["id"], hash=opened["hash"], view=modal)
    refused("invalid_trigger_id", hub.views_push, trigger_id="1.2.3", view=modal)
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    assert hub.views_publish(user_id="U0JANE", view=home)["view"]["type"] == "home"
    refused("invalid_arguments", hub.views_publish, user_id="U0JANE", view=modal)


def files(room):
    shared = hub.files_upload_v2(channel=room, content="a,b\n1,2\n", filename="table.csv", title="Table")
    file = hub.files_info(file=shared["file"]["id"])["file"]
    assert file["size"] == 8 and room in file["shares"]["private"], file
    request = urllib.request.Request(file["url_private_download"], headers={"Authorization": f"Bearer {hub_token}"})
    assert urllib.request.urlopen(request).read() == b"a,b\n1,2\n"
    foreign = urllib.request.Request(file["url_private_download"], headers={"Authorization": f"Bearer {bot_token}"})
    assert urllib.request.urlopen(foreign).headers["Content-Type"].startswith("text/html")
    refused("file_not_found", hub.files_info, file="F0NONE")


def archiving(room):
    hub.conversations_archive(channel=room)
    refused("already_archived", hub.conversations_archive, channel=room)
    refused("is_archived", hub.chat_postMessage, channel=room, text="x")
    refused("not_in_channel", hub.conversations_unarchive, channel=room)
    refused("name_taken", hub.conversations_create, name="cs-phil-2", is_private=True)
    person.conversations_unarchive(channel=room)
    refused("not_in_channel", hub.chat_postMessage, channel=room, text="x")
    person.conversations_invite(channel=room, users="U0HUB")
    hub.chat_postMessage(channel=room, text="back again")


identity_and_rate_limit()
people()
room = rooms()
messages(room)
history_of_a_distributed_app()
views()
files(room)
archiving(room)
