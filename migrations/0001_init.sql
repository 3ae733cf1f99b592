-- One set of SQL for SQLite and PostgreSQL; README.md beside this file says which types are allowed.

-- A customer's DM with a bot that somebody has had to do with. `state` is the whole of it as JSON; the other columns are
-- copies for look-ups: `watched`, it has a room; `heard`, what is said in it matters; `paused`, the bot must be silent;
-- `outstanding_since`, agents should look at it, and nobody has; `handler`, who handles it; `waits_since`, the customer waits for
-- somebody to pick; `is_late`, for too long. `is_bare`: nothing is kept of it but ids and the count of changes of control.
CREATE TABLE conversations (
    id         TEXT    NOT NULL PRIMARY KEY,
    bot        TEXT    NOT NULL,
    team       TEXT    NOT NULL,
    channel    TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    room       TEXT,
    watched    BOOLEAN NOT NULL,
    heard      BOOLEAN NOT NULL,
    holder     TEXT    NOT NULL,
    paused     BOOLEAN NOT NULL,
    epoch      BIGINT  NOT NULL,
    state      TEXT    NOT NULL,
    version    BIGINT  NOT NULL,
    changed_at BIGINT  NOT NULL,
    is_bare    BOOLEAN NOT NULL,
    outstanding_since BIGINT,
    handler    TEXT,
    waits_since BIGINT,
    is_late    BOOLEAN NOT NULL,
    UNIQUE (bot, team, channel)
);
CREATE INDEX conversations_by_customer ON conversations (bot, team, user_id);
CREATE INDEX conversations_to_forget ON conversations (changed_at) WHERE NOT is_bare;
CREATE UNIQUE INDEX conversations_by_room ON conversations (room) WHERE room IS NOT NULL;
CREATE INDEX conversations_outstanding ON conversations (outstanding_since) WHERE outstanding_since IS NOT NULL;
CREATE INDEX conversations_alive ON conversations (bot) WHERE watched OR holder <> 'bot';

-- Every customer whose messages have come by, for `/megatron open <name>`. `folded` is the name, real name and e-mail
-- without case and accents. `has_written`: they have, and are not only known by name.
CREATE TABLE customers (
    bot        TEXT   NOT NULL,
    team       TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    channel    TEXT,
    folded     TEXT   NOT NULL,
    profile    TEXT   NOT NULL,
    seen_at    BIGINT NOT NULL,
    learned_at BIGINT,
    has_written BOOLEAN NOT NULL,
    PRIMARY KEY (bot, team, user_id)
);
CREATE INDEX customers_by_channel ON customers (bot, team, channel);
CREATE INDEX customers_by_age ON customers (seen_at);

-- Customers' workspaces and the bot's token in each, sealed; empty when Slack has revoked it.
CREATE TABLE workspaces (
    bot          TEXT   NOT NULL,
    team         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    domain       TEXT   NOT NULL,
    bot_user_id  TEXT   NOT NULL,
    sealed_token TEXT   NOT NULL,
    changed_at   BIGINT NOT NULL,
    PRIMARY KEY (bot, team)
);

-- What has been taken in already; `opening` tells in which room of its conversation it was shown.
CREATE TABLE seen (
    identity     TEXT   NOT NULL PRIMARY KEY,
    conversation TEXT   NOT NULL,
    opening      BIGINT NOT NULL,
    at           BIGINT NOT NULL
);
CREATE INDEX seen_by_conversation ON seen (conversation);

-- Which message is whose copy. A row without a source is a message of the service's own. `speaker` is whose words they
-- are: customer, bot, agent.
CREATE TABLE copies (
    team           TEXT    NOT NULL,
    channel        TEXT    NOT NULL,
    ts             TEXT    NOT NULL,
    source_team    TEXT,
    source_channel TEXT,
    source_ts      TEXT,
    part           INTEGER NOT NULL,
    -- Posted by sharing files; its words are their caption.
    is_caption     BOOLEAN NOT NULL,
    delivery       TEXT    NOT NULL,
    conversation   TEXT,
    speaker        TEXT,
    PRIMARY KEY (team, channel, ts)
);
CREATE INDEX copies_by_source ON copies (source_team, source_channel, source_ts);
CREATE INDEX copies_by_conversation ON copies (conversation);

-- Which file is whose copy. Noted before it is shared, so that the share is known when it comes back.
CREATE TABLE uploads (
    team         TEXT NOT NULL,
    file         TEXT NOT NULL,
    source_team  TEXT NOT NULL,
    source_file  TEXT NOT NULL,
    conversation TEXT,
    PRIMARY KEY (team, file)
);
CREATE INDEX uploads_by_source ON uploads (source_team, source_file);
CREATE INDEX uploads_by_conversation ON uploads (conversation);

-- The newest change of a message that was taken in: older ones count no more. `side` is where the message is, dm or room.
CREATE TABLE revisions (
    conversation TEXT    NOT NULL,
    side         TEXT    NOT NULL,
    ts           TEXT    NOT NULL,
    stamp        TEXT    NOT NULL,
    gone         BOOLEAN NOT NULL,
    PRIMARY KEY (conversation, side, ts)
);

-- Who has reacted to a message, and who has taken it back.
CREATE TABLE reactions (
    conversation TEXT    NOT NULL,
    side         TEXT    NOT NULL,
    ts           TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    user_id      TEXT    NOT NULL,
    stamp        TEXT    NOT NULL,
    present      BOOLEAN NOT NULL,
    PRIMARY KEY (conversation, side, ts, name, user_id)
);

-- Who did what. Never what was said.
CREATE TABLE journal (
    id           TEXT   NOT NULL PRIMARY KEY,
    at           BIGINT NOT NULL,
    conversation TEXT,
    kind         TEXT   NOT NULL,
    actor        TEXT   NOT NULL,
    detail       TEXT   NOT NULL
);
CREATE INDEX journal_by_conversation ON journal (conversation, at);
CREATE INDEX journal_by_age ON journal (at);
-- What numbers are made of.
CREATE INDEX journal_counted ON journal (at) WHERE kind IN ('conversation.opened', 'bot.talked_over');
CREATE INDEX journal_closed ON journal (conversation, at) WHERE kind = 'conversation.closed';

-- What was said in rooms that are closed, sealed. Slack lets the app read no archived room.
CREATE TABLE transcripts (
    conversation TEXT   NOT NULL,
    room         TEXT   NOT NULL,
    sealed       TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (conversation, room)
);
CREATE INDEX transcripts_by_age ON transcripts (at);

-- An ordering key of deliveries. `waiting` counts its entries; `not_before` is when its head may be tried; `paced_to` is
-- how far its posts have used up Slack's one a second; `parked` is what it waits for besides.
CREATE TABLE lanes (
    lane         TEXT   NOT NULL PRIMARY KEY,
    tail         BIGINT NOT NULL,
    waiting      BIGINT NOT NULL,
    not_before   BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    owner        TEXT   NOT NULL,
    paced_to     BIGINT NOT NULL,
    parked       TEXT
);
CREATE INDEX lanes_ready ON lanes (not_before, paced_to, lane) WHERE waiting > 0;
CREATE INDEX lanes_parked ON lanes (parked) WHERE parked IS NOT NULL;

-- What is still to be delivered. `position` orders a lane: ten digits, and four more for each level of follow-ups that
-- took the place of an entry. `state`: pending, sending, unsure, failed. `trace`: `traceparent` of what caused it.
CREATE TABLE outbox (
    id           TEXT    NOT NULL PRIMARY KEY,
    lane         TEXT    NOT NULL,
    position     TEXT    NOT NULL,
    conversation TEXT,
    effect       TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    attempts     INTEGER NOT NULL,
    created_at   BIGINT  NOT NULL,
    problem      TEXT,
    trace        TEXT
);
CREATE UNIQUE INDEX outbox_order ON outbox (lane, position) WHERE state <> 'failed';
CREATE INDEX outbox_given_up ON outbox (created_at) WHERE state = 'failed';

CREATE TABLE timers (
    conversation TEXT   NOT NULL,
    timer        TEXT   NOT NULL,
    due          BIGINT NOT NULL,
    PRIMARY KEY (conversation, timer)
);
CREATE INDEX timers_due ON timers (due);

-- Agents: how they are called, what they have chosen, and when they opened their Home last.
CREATE TABLE agents (
    user_id       TEXT    NOT NULL PRIMARY KEY,
    name          TEXT    NOT NULL,
    always_pause  BOOLEAN NOT NULL,
    hides_prompts BOOLEAN NOT NULL,
    learned_at    BIGINT,
    home_opened_at BIGINT
);
CREATE INDEX agents_at_home ON agents (home_opened_at) WHERE home_opened_at IS NOT NULL;

-- The global switch of each bot.
CREATE TABLE switches (
    bot    TEXT    NOT NULL PRIMARY KEY,
    active BOOLEAN NOT NULL,
    turns  BIGINT  NOT NULL
);

-- Answers to requests with an Idempotency-Key; without a status while the first is still being answered.
CREATE TABLE idempotency (
    bot         TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    status      INTEGER,
    body        TEXT    NOT NULL,
    at          BIGINT  NOT NULL,
    PRIMARY KEY (bot, name)
);
CREATE INDEX idempotency_by_age ON idempotency (at);

-- What was published, sealed, for endpoints that ask for it again. `may_be_ours`: it may be about a message of our own.
CREATE TABLE events (
    id           TEXT    NOT NULL PRIMARY KEY,
    bot          TEXT    NOT NULL,
    conversation TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    may_be_ours  BOOLEAN NOT NULL,
    sealed       TEXT    NOT NULL,
    at           BIGINT  NOT NULL
);
CREATE INDEX events_by_age ON events (at, id);
CREATE INDEX events_by_conversation ON events (conversation);

-- Endpoints of the configuration of which there is something to know. `disabled_at`: when one answered 410; `missed_since`:
-- from when on it has not been told. The last ping, and what came of it.
CREATE TABLE endpoints (
    id           TEXT   NOT NULL PRIMARY KEY,
    disabled_at  BIGINT,
    missed_since BIGINT,
    pinged_at    BIGINT,
    answer       TEXT
);

-- Tickets in the tracker; `ticket` is the tracker's own id, and `number` counts those of a conversation.
CREATE TABLE tickets (
    conversation TEXT   NOT NULL,
    number       BIGINT NOT NULL,
    ticket       TEXT   NOT NULL,
    url          TEXT   NOT NULL,
    opened_at    BIGINT NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE INDEX tickets_by_ticket ON tickets (ticket);

-- What the tracker tells us of. `target` is the last part of the address that it was given; `sealed_secret` signs what it
-- sends there, and is empty until the tracker has said it; `subscription` is the tracker's own id.
CREATE TABLE subscriptions (
    target        TEXT   NOT NULL PRIMARY KEY,
    resource      TEXT   NOT NULL,
    address       TEXT   NOT NULL,
    sealed_secret TEXT   NOT NULL,
    subscription  TEXT   NOT NULL,
    at            BIGINT NOT NULL
);

-- Where agents find the customers who wait for a human. `configured`: the configuration of the last start names it.
CREATE TABLE queues (
    label      TEXT    NOT NULL PRIMARY KEY,
    position   BIGINT  NOT NULL,
    configured BOOLEAN NOT NULL,
    state      TEXT    NOT NULL
);

-- What administrators set in Slack: the value of a key of the configuration, written as an environment variable writes it, for
-- one bot, one queue (empty: all). `set_by` as callbacks write it.
CREATE TABLE settings (
    name   TEXT   NOT NULL,
    bot    TEXT   NOT NULL,
    queue  TEXT   NOT NULL,
    value  TEXT   NOT NULL,
    set_by TEXT   NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (name, bot, queue)
);

-- When the channel of a queue is told its numbers next; `plan` is what that was worked out from.
CREATE TABLE digests (
    queue TEXT   NOT NULL PRIMARY KEY,
    plan  TEXT   NOT NULL,
    due   BIGINT NOT NULL
);

-- Every handoff: `state` is the whole of it as JSON, the other columns are copies for look-ups. The newest of a
-- conversation is part of the conversation's own state as well, by which the rules go.
CREATE TABLE handoffs (
    id           TEXT   NOT NULL PRIMARY KEY,
    conversation TEXT   NOT NULL,
    queue        TEXT   NOT NULL,
    progress     TEXT   NOT NULL,
    requested_at BIGINT NOT NULL,
    queued_at    BIGINT NOT NULL,
    accepted_at  BIGINT,
    answered_at  BIGINT,
    assignee     TEXT,
    ended_at     BIGINT,
    state        TEXT   NOT NULL
);
CREATE INDEX handoffs_by_request ON handoffs (requested_at);
CREATE INDEX handoffs_by_conversation ON handoffs (conversation);
CREATE INDEX handoffs_open ON handoffs (queue, requested_at) WHERE ended_at IS NULL;
CREATE INDEX handoffs_by_age ON handoffs (ended_at);

-- Where the service's cards stand that are kept up to date, by the name that the rules give them.
CREATE TABLE cards (
    name         TEXT NOT NULL PRIMARY KEY,
    channel      TEXT NOT NULL,
    ts           TEXT NOT NULL,
    conversation TEXT NOT NULL
);
CREATE INDEX cards_by_conversation ON cards (conversation);

-- The processes that share the database, and up to when each has heard of every change of the others.
CREATE TABLE instances (
    id       TEXT   NOT NULL PRIMARY KEY,
    heard_to BIGINT NOT NULL
);

-- When the database was put back from a backup.
CREATE TABLE restores (
    at BIGINT NOT NULL PRIMARY KEY
);
