/** What only the agent reads who has typed a command, and dialogs. */

import { ROOM, opened, paused, stuck } from "./story.js";

export async function searching(stage, shot) {
  const { phil, philippa, jane } = stage;
  await stuck(stage);
  await philippa.says("hello");
  await philippa.reads("Hello!");
  await jane.command("open nobody");
  await shot.messages("answer-nobody", jane, await jane.reads("support", "Nobody was found"));
  await jane.command("open phil");
  await shot.menu("answer-several", jane, await jane.reads("support", "Several customers"), "Choose a customer");
}

/** A command, and words of its answer. */
const COMMANDS = [
  ["help", "opens a room for a customer"],
  ["status", "Expense Bot is paused"],
  ["list", "• "],
  ["audit", "paused"],
  ["queue list", "billing"],
  ["prompts off", "prompts on"],
  ["erase phil", "Erase for good"],
];

export async function commands(stage, shot) {
  const { jane } = stage;
  await paused(stage);
  for (const [command, words] of COMMANDS) {
    await jane.command(command, ROOM);
    await shot.messages(`answer-${command.split(" ")[0]}`, jane, await jane.reads(ROOM, words));
  }
  await jane.command("transcript", ROOM);
  await shot.messages("room-transcript", jane, await jane.reads(ROOM, "Transcript for"));
}

export async function noting(stage, shot) {
  const { jane } = stage;
  await opened(stage);
  await jane.uses(await jane.reads(ROOM, "is stuck"), "Add note");
  await jane.dialog("Add a note");
  await shot.dialog("dialog-note", jane, "Add a note");
}

export async function administration(stage, shot) {
  const { raj, bot } = stage;
  await bot("PUT", "/v1/queues/approvals", { priority_group: ["U0RAJ"], then: "support" });
  await raj.usesGlobally("Set up queues");
  const queues = await raj.dialog("Queues");
  await shot.dialog("dialog-queues", raj, "Queues");
  await raj.sends(queues, { queue: "approvals", what: "change" });
  const form = await raj.dialog("Whom to ask then");
  await shot.dialog("dialog-queue", raj, "Whom to ask then");
  await raj.closes(form);
  await raj.usesGlobally("Set up queues");
  await raj.sends(await raj.dialog("Queues"), { queue: "approvals", what: "remove" });
  await raj.dialog("Remove the queue");
  await shot.dialog("dialog-queue-removal", raj, "Remove the queue");
}
